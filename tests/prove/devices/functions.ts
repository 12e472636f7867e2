import type { WantedDevice } from "../../../lib/accounts/device-logins.ts";
import type { SyncAnswer } from "../../../lib/channel/decision.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Database } from "../../../lib/database/database.ts";
import { GroupRecords } from "../../../lib/groups/group-records.ts";
import { Groups } from "../../../lib/groups/groups.ts";
import { makeAccounts } from "../../../lib/handlers/accounts-handler.ts";
import { makeSend } from "../../../lib/handlers/send-handler.ts";
import { makeSync } from "../../../lib/handlers/sync-handler.ts";
import type { Reply, Request, Route } from "../../../lib/http/http.ts";
import type { AddressLimit } from "../../../lib/rates/address-limit.ts";
import { LocalRate } from "../../../lib/rates/rate.ts";
import type { UserLimit } from "../../../lib/rates/user-limit.ts";
import type { Clock } from "../../../lib/runtime/clock.ts";
import { GoTalkError } from "../../../lib/runtime/errors.ts";
import type { Meter } from "../../../lib/runtime/meter.ts";
import { accountParts } from "../../../lib/services/accounts-services.ts";
import type { Foundation } from "../../../lib/services/foundation.ts";
import { groupParts } from "../../../lib/services/group-parts.ts";
import { sendServices } from "../../../lib/services/send-services.ts";
import { syncServices } from "../../../lib/services/sync-services.ts";
import { SessionCheck } from "../../../lib/tokens/session-check.ts";
import type { Caller, Tokens } from "../../../lib/tokens/tokens.ts";
import type { TestEngine } from "../../support/engines.ts";
import { weakPasswords } from "../../support/weak-passwords.ts";

/** Beside the point here, and a command each: the rates of a user. */
const NO_LIMIT = { check: () => {}, consume: async () => {}, renewAhead: async () => {} } as unknown as UserLimit;
const NO_METER = { count: () => {}, publish: () => {} } as unknown as Meter;
/** Nobody forges one here, and WebCrypto would decide when a function goes on. */
const PLAIN_TOKENS = {
  issue: async (caller: Caller) => JSON.stringify(caller),
  open: async (token: string) => JSON.parse(token) as Caller,
} as unknown as Tokens;
/** A channel is counted by chance, never with this bound; and full if its profile says that it has so many messages. */
export const NEVER_COUNTED = Number.MAX_SAFE_INTEGER;
const RATE = { bucket: "sending", lease: 1, burst: 1, perSecond: 1 } as const;

/** A client's session, as the answer to its login says it. */
export interface Login {
  readonly caller: Caller;
  readonly deviceId: string;
}

export type Functions = ReturnType<typeof functionsOver>;

/** Is told how many messages a request counts for, by the rate of sending. */
export type Count = (tokens: number) => void;

/** The functions as they are deployed, up to where HTTP begins: each a process that has just started. */
export function functionsOver(database: Database, tables: TestEngine["tables"], now: Clock, count: Count) {
  const sendLimit = { ...NO_LIMIT, consume: async (_: string, tokens = 1) => count(tokens) } as unknown as UserLimit;
  const accountsTable = { database, name: tables.accounts };
  const sessionCheck = new SessionCheck(accountsTable, now);
  const foundation = {
    config: { rates: { send: RATE, sync: RATE, replay: RATE, call: RATE }, channelMessages: NEVER_COUNTED },
    now,
    meter: NO_METER,
    database,
    accountsTable,
    channelsTable: tables.channels,
    tokens: PLAIN_TOKENS,
    sessionCheck,
    ownHosts: [],
  } as unknown as Foundation;
  const ask = (make: MakeHandler, fields: object, asked: Partial<Request> = {}): Promise<Reply> =>
    routeOf(make)({ ...asked, fields: () => fields, answerBy: now() + LIMITS.requestTime } as Request);
  const claimOf = (caller: Caller) => ({ token: JSON.stringify(caller), id: caller.userId });
  const parts = () => accountParts({ ...foundation, registration: "open" }, weakPasswords, undefined);
  const groups = (): Groups => {
    const { groupNotes: notes } = parts();
    const records = new GroupRecords(accountsTable);
    return new Groups({ ...groupParts(foundation, undefined), records, notes, sendLimit, now });
  };
  const account = (route: string, fields: object, pathParameters = {}): Promise<Reply> =>
    ask(
      (addressLimit) =>
        makeAccounts({
          ...foundation,
          ...parts(),
          groups: groups(),
          addressLimit,
          callLimit: NO_LIMIT,
          logoutRepeats: new LocalRate(LIMITS.logoutRepeats, now),
        } as unknown as AccountsServices),
      fields,
      { route, pathParameters, userAgent: "" },
    );
  const group = async (route: string, caller: Caller, fields: object, pathParameters = {}): Promise<unknown> =>
    (await account(route, { ...fields, ...claimOf(caller) }, pathParameters)).body;

  return {
    /** From where the password is known to be right. */
    logIn: async (user: Pick<Caller, "userId" | "username">, wanted: WantedDevice): Promise<Login> => {
      const session = await parts().deviceLogins.begin(user.userId, wanted, "");
      if (session === undefined) throw new GoTalkError("invalid_credentials");
      const { sessionId, deviceId, channel } = session;
      return { caller: { ...user, sessionId, deviceId, channel }, deviceId };
    },
    makeDevice: async (caller: Caller, loginId: string): Promise<Login> => {
      const { body } = await account("POST /devices", { ...claimOf(caller), deviceName: "a name", loginId });
      const { token, deviceId } = body as { token: string; deviceId: string };
      return { caller: JSON.parse(token), deviceId };
    },
    logOut: (caller: Caller) => account("POST /logout", claimOf(caller)),
    removeSession: (caller: Caller, sessionId: string) =>
      account("DELETE /sessions/{sessionId}", claimOf(caller), { sessionId }),
    removeDevice: (caller: Caller, deviceId: string) =>
      account("DELETE /devices/{deviceId}", claimOf(caller), { deviceId }),
    send: (caller: Caller, sendToId: string, messageId: string, content: string) =>
      ask((addressLimit) => makeSend({ ...sendServices(foundation), addressLimit, sendLimit }), {
        ...claimOf(caller),
        sendToId,
        messageId,
        content,
      }),
    makeGroup: (caller: Caller, name: string, members: readonly string[], groupKey: string) =>
      group("POST /groups", caller, { name, members, groupKey }),
    groups: (caller: Caller) => group("GET /groups", caller, {}),
    group: (caller: Caller, groupId: string) => group("GET /groups/{groupId}", caller, {}, { groupId }),
    renameGroup: (caller: Caller, groupId: string, name: string) =>
      group("PATCH /groups/{groupId}", caller, { name }, { groupId }),
    putMember: (caller: Caller, groupId: string, userId: string, admin: boolean | undefined) =>
      group(
        "PUT /groups/{groupId}/members/{userId}",
        caller,
        { ...(admin !== undefined && { admin }) },
        { groupId, userId },
      ),
    removeMember: (caller: Caller, groupId: string, userId: string) =>
      group("DELETE /groups/{groupId}/members/{userId}", caller, {}, { groupId, userId }),
    invite: (caller: Caller, groupId: string) => group("POST /groups/{groupId}/invite", caller, {}, { groupId }),
    joinGroup: (caller: Caller, code: string) => group("POST /groups/join", caller, { code }),
    block: (caller: Caller, userId: string) => group("PUT /blocks/{userId}", caller, {}, { userId }),
    /** From where the name is marked as closing. */
    deleteAccount: ({ userId: id, username }: Pick<Caller, "userId" | "username">) =>
      parts().removal.finish({ id, username, invite: undefined }),
    /** Without a session: what anybody asks when everything has come to rest. */
    look: ({ userId: id, username }: Pick<Caller, "userId" | "username">) => ({
      group: (groupId: string) => groups().show({ id, username }, groupId),
      list: () => groups().list({ id, username }),
    }),
    sync: async (caller: Caller, ack: string | undefined, limit: number): Promise<SyncReply> => {
      const make: MakeHandler = (addressLimit) =>
        makeSync({ ...syncServices(foundation), addressLimit, syncLimit: NO_LIMIT, replayLimit: NO_LIMIT });
      const { json = "" } = await ask(make, { ...claimOf(caller), ...(ack !== undefined && { ack }), limit });
      return JSON.parse(json) as SyncReply;
    },
  };
}

/** What a client reads in the answer to a sync. */
export interface SyncReply extends Pick<SyncAnswer, "receipt" | "more" | "missed"> {
  readonly messages: readonly {
    readonly messageId: string;
    readonly senderId: string;
    readonly content: string;
    readonly redelivered: boolean;
    readonly toId?: string;
  }[];
}

type AccountsServices = Parameters<typeof makeAccounts>[0];
type MakeHandler = (addressLimit: AddressLimit) => unknown;

/** The route that a handler serves. What is left out is HTTP: reading events, and the time of a request, which is the world's. */
function routeOf(make: MakeHandler): Route {
  let found: Route | undefined;
  const guard = (route: Route): Route => {
    found = route;
    return route;
  };
  make({ guard } as unknown as AddressLimit);
  if (found === undefined) throw new Error("the handler guards no route");
  return found;
}
