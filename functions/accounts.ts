import { Accounts } from "../lib/accounts.ts";
import { identify } from "../lib/caller.ts";
import { timestamp } from "../lib/clock.ts";
import { InvalidCredentials, NotFound, TooManyAttempts } from "../lib/errors.ts";
import { type Reply, type Request, serve } from "../lib/http.ts";
import { wakes } from "../lib/live-services.ts";
import { LoginThrottle } from "../lib/login-throttle.ts";
import { FindParameters, LoginBody, LogoutBody, RegisterBody, validate } from "../lib/schemas.ts";
import { accountsTable, database, meter, now, sessions, tokens, users } from "../lib/services.ts";

const throttle = new LoginThrottle(database, accountsTable, now);
const accounts = new Accounts({ users, sessions, throttle, tokens });

async function register(request: Request): Promise<Reply> {
  const { username, password } = validate(RegisterBody, request.fields());
  return { status: 201, body: await accounts.register(username, password) };
}

async function login(request: Request): Promise<Reply> {
  const { username, password } = validate(LoginBody, request.fields());
  const { expiresAt, ...granted } = await accounts.login(username, password, request.address).catch(countFailure);
  return { status: 200, body: { ...granted, expiresAt: timestamp(expiresAt) } };
}

function countFailure(error: unknown): never {
  if (error instanceof InvalidCredentials || error instanceof TooManyAttempts) meter.count("LoginFailures");
  throw error;
}

async function logout(request: Request): Promise<Reply> {
  const caller = await identify(tokens, validate(LogoutBody, request.fields()));
  await sessions.require(caller);
  await sessions.end(caller);
  await wakes?.hangUp(caller);
  return { status: 204 };
}

async function find(request: Request): Promise<Reply> {
  const { token, username } = validate(FindParameters, {
    ...request.fields(),
    username: request.pathParameters["username"],
  });
  const caller = await tokens.open(token);
  await sessions.require(caller);
  return { status: 200, body: await accounts.find(username) };
}

const ROUTES: Readonly<Record<string, (request: Request) => Promise<Reply>>> = {
  "/register": register,
  "/login": login,
  "/logout": logout,
};

/** The account routes: `POST /register`, `/login`, `/logout`, and `GET /users/{username}`. */
export const handler = serve(async (request) => {
  const route = request.pathParameters["username"] === undefined ? ROUTES[request.path] : find;
  if (route === undefined) throw new NotFound("There is no such route.");
  return route(request);
}, meter);
