import { randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { NodeHttpHandler } from "@smithy/node-http-handler";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { Users } from "../lib/accounts/users.ts";
import { LIMITS } from "../lib/contract/limits.ts";
import { signBy } from "../lib/database/aws-calls.ts";
import { newGroupId } from "../lib/groups/group-codes.ts";
import { firstState } from "../lib/groups/group-decision.ts";
import { GroupRecords } from "../lib/groups/group-records.ts";
import { makeAccounts } from "../lib/handlers/accounts-handler.ts";
import { makeSend } from "../lib/handlers/send-handler.ts";
import { makeSync } from "../lib/handlers/sync-handler.ts";
import type { Handler } from "../lib/http/http.ts";
import { Connections } from "../lib/live/connections.ts";
import { createGateway, type LiveGateway } from "../lib/live/live-gateway.ts";
import { eachOf } from "../lib/runtime/each-of.ts";
import { accountsServices } from "../lib/services/accounts-services.ts";
import { readConfig } from "../lib/services/config.ts";
import { startFoundation } from "../lib/services/foundation.ts";
import { gatewayOf } from "../lib/services/gateway.ts";
import { sendServices } from "../lib/services/send-services.ts";
import { syncServices } from "../lib/services/sync-services.ts";
import { forgetResolved } from "../tests/support/capacity/resolved.ts";
import { aDevice, giveDevices, sessionOn } from "../tests/support/device-maps.ts";
import type { TestEngine } from "../tests/support/engines.ts";
import { newUsername, PASSWORD, type Person } from "../tests/support/logins.ts";
import { environmentOf } from "./environment.ts";
import { divertMetrics } from "./metrics-sink.ts";

/** A person, as the login answered. */
export type Account = Omit<Person, "password">;

export interface SyncResult {
  readonly messages: readonly { readonly messageId: string }[];
  readonly receipt: string;
  readonly more: boolean;
}

/** A request, ready to be handed to its handler: what is timed makes no events. */
export interface Invocation {
  readonly handler: Handler;
  readonly event: APIGatewayProxyEventV2;
}

/**
 * `before`: they were connected a short time ago, and as far as their profiles tell they may still be. `now`: each of their devices is.
 */
export type Connected = "never" | "before" | "now";

/** The functions in this process, and their database client. */
export interface GoTalk {
  readonly database: DynamoDBClient;
  readonly channelsTable: string;
  /** @param messageId As goTalk's clients make one. Without it the server does. */
  sendTo(receiver: Account, sender: Account, content: string, messageId?: string): Invocation;
  syncOf(account: Account, ack?: string): Invocation;
  newAccount(username: string): Promise<Account>;
  /** Gives a user so many devices, and logs in on each. */
  onDevices(account: Account, count: number): Promise<Account[]>;
  /**
   * A group of so many members with so many devices each, its maker included.
   *
   * @param connected Whether the others have connections.
   * @returns What a message is sent to.
   */
  newGroup(maker: Account, members: number, devices: number, connected: Connected): Promise<Account>;
  /** From now on connections are told something by the management API there. Before, there is none. */
  tellBy(endpoint: string): void;
  /** From now on the database is the engine at another endpoint. Accounts stay behind. */
  moveTo(endpoint: string): void;
}

const PATIENCE_MS = 30_000;

const devicesOf = (count: number) =>
  Array.from({ length: count }, (_, at) => aDevice(`device-${at}`, at + 1, at === 0 ? { channel: undefined } : {}));

/** The same, each with a session of its own. */
const inUse = (count: number) => devicesOf(count).map((device) => ({ ...device, session: device.id }));

/** Makes the functions against an engine, whose environment the process has from then on. */
export async function loadGoTalk(engine: TestEngine): Promise<GoTalk> {
  const environment = environmentOf(engine);
  Object.assign(process.env, environment);
  divertMetrics();
  const foundation = await startFoundation(readConfig(environment));
  const { database } = foundation;
  const accounts = makeAccounts(accountsServices(foundation));
  let gateway = gatewayOf(foundation);
  const told: LiveGateway = async (call) => gateway?.(call) ?? false;
  const send = makeSend(sendServices(foundation, told));
  const sync = makeSync(syncServices(foundation));
  // A busy machine makes calls slow. Given up and tried again they would not be the same calls any more.
  (database.config.requestHandler as NodeHttpHandler).updateHttpClientConfig("requestTimeout", PATIENCE_MS);
  const redirection = redirect(database);
  const post = (path: string, handler: Handler, body: object): Invocation => ({ handler, event: eventOf(path, body) });
  const connect = async (userId: string, devices: number, connected: Connected): Promise<void> => {
    if (connected === "never") return;
    const age = connected === "before" ? LIMITS.live.kept - LIMITS.live.connectedAhead : 0;
    const connections = new Connections(foundation.accountsTable, () => foundation.now() - age);
    const until = connected === "before" ? 1 : undefined;
    for (const { id: deviceId = "", channel } of devicesOf(devices)) {
      // The session that the device has: it gets the message, and no bare wake.
      const caller = { userId, sessionId: deviceId, deviceId, channel };
      await connections.add(`${userId}/${deviceId}`, caller, until);
    }
  };
  return {
    database,
    channelsTable: engine.tables.channels,
    sendTo: (receiver, { token, id, username }, content, messageId) =>
      post("/send", send, { token, id, username, sendToId: receiver.id, content, messageId }),
    syncOf: ({ token, id }, ack) => post("/sync", sync, { token, id, ack }),
    newAccount: async (username) => {
      await invoke(post("/register", accounts, { username, password: PASSWORD }));
      return invoke<Account>(post("/login", accounts, { username, password: PASSWORD }));
    },
    onDevices: async (account, count) => {
      const devices = devicesOf(count);
      await giveDevices(foundation.accountsTable, account.id, devices);
      const sessions = await Promise.all(devices.map((device) => sessionOn(foundation, account, device)));
      return sessions.map(({ token, sessionId }) => ({ ...account, token, receipt: sessionId }));
    },
    newGroup: async (maker, members, devices, connected) => {
      const { accountsTable, now } = foundation;
      const users = new Users(accountsTable, now);
      const others = await eachOf(Array.from({ length: members - 1 }), 20, () => users.create(newUsername(), "a hash"));
      await eachOf(others, 20, ({ id }) => giveDevices(accountsTable, id, inUse(devices)));
      await eachOf(others, 20, ({ id }) => connect(id, devices, connected));
      const groupId = newGroupId();
      const untold = { version: 1, messageId: "", by: maker, name: "", content: "", at: now() + LIMITS.session };
      await new GroupRecords(accountsTable).create(groupId, firstState("A group", maker, others), untold);
      return { ...maker, id: groupId };
    },
    tellBy: (endpoint) => {
      gateway = createGateway(endpoint, signBy(database));
    },
    moveTo: (endpoint) => {
      redirection.to = new URL(endpoint);
    },
  };
}

/** Sends a client's requests somewhere else than to the endpoint it was made with. */
function redirect(database: DynamoDBClient): { to: URL | undefined } {
  const redirection: { to: URL | undefined } = { to: undefined };
  database.middlewareStack.add(
    (next) => (args) => {
      if (redirection.to !== undefined) {
        const { hostname, port, pathname } = redirection.to;
        Object.assign(args.request as object, { hostname, port: Number(port), path: pathname });
      }
      return next(args);
    },
    // Before the header `host` is made and the request is signed.
    { step: "build", name: "redirect", priority: "high" },
  );
  forgetResolved(database);
  return redirection;
}

const CONTEXT = { awsRequestId: randomUUID() } as Context;

/** The handler alone. */
export const run = ({ handler, event }: Invocation): ReturnType<Handler> => handler(event, CONTEXT);

type Answer = Awaited<ReturnType<Handler>>;

/** The body and the headers as HTTP/1.1 writes them, without those that API Gateway adds. */
export function bytesOf({ headers = {}, body = "" }: Answer): number {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.byteLength(lines.join("")) + Buffer.byteLength(body);
}

/** @throws {Error} The answer is not the one of success. */
export function resultOf<T>({ statusCode = 0, body = "" }: Answer): T {
  if (statusCode >= 300) throw new Error(`a handler answered ${statusCode}: ${body}`);
  return JSON.parse(body);
}

/** @throws {Error} The answer is not the one of success. */
export const invoke = async <T>(invocation: Invocation): Promise<T> => resultOf<T>(await run(invocation));

/** As API Gateway's HTTP API hands it over, payload format 2.0. */
function eventOf(path: string, body: object): APIGatewayProxyEventV2 {
  return {
    version: "2.0",
    routeKey: `POST ${path}`,
    rawPath: path,
    rawQueryString: "",
    headers: { "content-type": "application/json", "user-agent": "bench" },
    requestContext: {
      accountId: "",
      apiId: "",
      domainName: "localhost",
      domainPrefix: "localhost",
      http: { method: "POST", path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "bench" },
      requestId: randomUUID(),
      routeKey: `POST ${path}`,
      stage: "$default",
      time: new Date().toISOString(),
      timeEpoch: Date.now(),
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}
