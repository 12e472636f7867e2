import { AccountRemoval } from "../lib/accounts/account-removal.ts";
import { Accounts } from "../lib/accounts/accounts.ts";
import { Invites } from "../lib/accounts/invites.ts";
import { LoginThrottle } from "../lib/accounts/login-throttle.ts";
import { Registration } from "../lib/accounts/registration.ts";
import type { ProblemCode } from "../lib/contract/problems.ts";
import type { RouteKey } from "../lib/contract/routes.ts";
import { type Reply, type Request, serve } from "../lib/http/http.ts";
import * as schemas from "../lib/http/schemas.ts";
import { hangUpBy } from "../lib/live/hang-up.ts";
import { timestamp } from "../lib/runtime/clock.ts";
import { GoTalkError, InvalidToken, invalidRequest } from "../lib/runtime/errors.ts";
import { gateway, listeners } from "../lib/services/live-services.ts";
import {
  accountsTable,
  addressLimit,
  blocks,
  callLimit,
  channelCloser,
  liveUrl,
  meter,
  now,
  ownHosts,
  profiles,
  registrationMode,
  sessionCheck,
  sessions,
  tokens,
  users,
} from "../lib/services/services.ts";
import { identify } from "../lib/tokens/caller.ts";
import type { Caller } from "../lib/tokens/tokens.ts";

const { validate } = schemas;
const throttle = new LoginThrottle(accountsTable, now);
const hangUp = gateway && hangUpBy(listeners, gateway);
const invites = new Invites(accountsTable, now);
const removal = new AccountRemoval({ users, sessions, blocks, invites, channelCloser, throttle, hangUp, now });
const registration = new Registration({ users, invites, removal, now }, registrationMode);
const accounts = new Accounts({ users, sessions, sessionCheck, throttle, tokens, registration, removal, hangUp });

const DONE: Reply = { status: 204 };

/** Whose request it is: the owner of a token whose session lives, within the user's rate. */
const owner = async (token: string | undefined): Promise<Caller> => admit(await tokens.open(token));

/** In this order: what a token of an ended session asks for is not taken off its user's rate. */
async function admit(caller: Caller): Promise<Caller> {
  callLimit.check(caller.userId);
  await sessionCheck.require(caller);
  await callLimit.take(caller.userId);
  return caller;
}

const LOGIN_FAILURES: ReadonlySet<ProblemCode> = new Set(["invalid_credentials", "too_many_attempts"]);

/** Counts the failures of all requests that have a password. */
function countFailure(error: unknown): never {
  if (error instanceof GoTalkError && LOGIN_FAILURES.has(error.code)) meter.count("LoginFailures");
  throw error;
}

async function register(request: Request, network: string | undefined): Promise<Reply> {
  const { username, password, inviteCode } = validate(schemas.RegisterBody, request.fields());
  addressLimit.takeHash(network);
  return { status: 201, body: await registration.register(username, password, inviteCode) };
}

async function login(request: Request, network: string | undefined): Promise<Reply> {
  const { username, password, earlierToken } = validate(schemas.LoginBody, request.fields());
  const earlier = await tokens.openOptional(earlierToken);
  addressLimit.takeHash(network, earlier?.username === username ? earlier.userId : undefined);
  const { address, userAgent } = request;
  const origin = { address, userAgent, earlierToken };
  const { expiresAt, ...granted } = await accounts.login(username, password, origin).catch(countFailure);
  return { status: 200, body: { ...granted, expiresAt: timestamp(expiresAt), live: liveUrl } };
}

async function logout(request: Request): Promise<Reply> {
  await end(await admit(await identify(tokens, validate(schemas.LogoutBody, request.fields()))));
  return DONE;
}

async function changePassword(request: Request): Promise<Reply> {
  const { password, newPassword, ...claim } = validate(schemas.PasswordBody, request.fields());
  const caller = await admit(await identify(tokens, claim));
  await accounts.changePassword(caller, password, newPassword, request.address).catch(countFailure);
  return DONE;
}

async function deleteAccount(request: Request): Promise<Reply> {
  const { password, ...claim } = validate(schemas.DeleteAccountBody, request.fields());
  const caller = await identify(tokens, claim);
  // A deletion is finished by a token whose session it has ended; `remove` looks at the session of any other.
  await admit(caller).catch((error: unknown) => {
    if (!(error instanceof InvalidToken)) throw error;
  });
  await accounts.remove(caller, password).catch(countFailure);
  return DONE;
}

async function listSessions(request: Request): Promise<Reply> {
  const { userId, sessionId } = await owner(validate(schemas.OwnParameters, request.fields()).token);
  const all = await sessions.list(userId);
  const body = all.map(({ createdAt, expiresAt, ...session }) => ({
    ...session,
    createdAt: timestamp(createdAt),
    expiresAt: timestamp(expiresAt),
    current: session.sessionId === sessionId,
  }));
  return { status: 200, body: { sessions: body } };
}

async function endSession(request: Request): Promise<Reply> {
  const { token, sessionId } = validate(schemas.SessionParameters, parametersOf(request, "sessionId"));
  const { userId } = await owner(token);
  await end({ userId, sessionId });
  return DONE;
}

/** In this order: a connection is stored before its session is looked at. */
async function end(session: Pick<Caller, "userId" | "sessionId">): Promise<void> {
  await sessions.end(session);
  await hangUp?.(session.userId, (sessionId) => sessionId === session.sessionId);
}

async function find(request: Request): Promise<Reply> {
  const { token, username } = validate(schemas.FindParameters, parametersOf(request, "username"));
  await owner(token);
  return { status: 200, body: await accounts.find(username) };
}

async function listBlocks(request: Request): Promise<Reply> {
  const { userId } = await owner(validate(schemas.OwnParameters, request.fields()).token);
  return { status: 200, body: { blocks: await blocks.list(userId) } };
}

async function block(request: Request): Promise<Reply> {
  const { token, userId } = validate(schemas.BlockParameters, parametersOf(request, "userId"));
  const caller = await owner(token);
  if (userId === caller.userId) throw invalidRequest("You cannot block yourself.");
  const blocked = await profiles.find(userId);
  if (blocked === undefined)
    throw new GoTalkError("unknown_user", { detail: "No user has this id. Look it up by GET /users/{username}." });
  await blocks.add(caller.userId, blocked);
  return DONE;
}

async function unblock(request: Request): Promise<Reply> {
  const { token, userId } = validate(schemas.BlockParameters, parametersOf(request, "userId"));
  const caller = await owner(token);
  await blocks.remove(caller.userId, userId);
  return DONE;
}

const parametersOf = (request: Request, name: string) => ({
  ...request.fields(),
  [name]: request.pathParameters[name],
});

type AccountRoute = Exclude<RouteKey, "POST /send" | "POST /sync">;

const ROUTES: Readonly<Record<AccountRoute, (request: Request, network: string | undefined) => Promise<Reply>>> = {
  "POST /register": register,
  "POST /login": login,
  "POST /logout": logout,
  "POST /password": changePassword,
  "POST /account/delete": deleteAccount,
  "GET /sessions": listSessions,
  "DELETE /sessions/{sessionId}": endSession,
  "GET /users/{username}": find,
  "GET /blocks": listBlocks,
  "PUT /blocks/{userId}": block,
  "DELETE /blocks/{userId}": unblock,
};

const isAccountRoute = (key: string): key is AccountRoute => Object.hasOwn(ROUTES, key);

/** The routes about accounts: registering, sessions, the account itself, other users and whom one has blocked. */
export const handler = serve(
  addressLimit.guard(async (request, network) => {
    if (!isAccountRoute(request.route)) throw new GoTalkError("not_found", { detail: "There is no such route." });
    return ROUTES[request.route](request, network);
  }),
  meter,
  ownHosts,
);
