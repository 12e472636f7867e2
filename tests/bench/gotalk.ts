import { randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { NodeHttpHandler } from "@smithy/node-http-handler";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { makeAccounts } from "../../lib/handlers/accounts-handler.ts";
import { makeSend } from "../../lib/handlers/send-handler.ts";
import { makeSync } from "../../lib/handlers/sync-handler.ts";
import type { Handler } from "../../lib/http/http.ts";
import { accountsServices } from "../../lib/services/accounts-services.ts";
import { readConfig } from "../../lib/services/config.ts";
import { startFoundation } from "../../lib/services/foundation.ts";
import { sendServices } from "../../lib/services/send-services.ts";
import { syncServices } from "../../lib/services/sync-services.ts";
import { aDevice, giveDevices, sessionOn } from "../support/device-maps.ts";
import type { TestEngine } from "../support/engines.ts";
import { PASSWORD, type Person } from "../support/logins.ts";
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

/** The functions in this process, and their database client. */
export interface GoTalk {
  readonly database: DynamoDBClient;
  readonly channelsTable: string;
  sendTo(receiver: Account, sender: Account, content: string): Invocation;
  syncOf(account: Account, ack?: string): Invocation;
  newAccount(username: string): Promise<Account>;
  /** Gives a user so many devices, and logs in on each. */
  onDevices(account: Account, count: number): Promise<Account[]>;
  /** From now on the database is the engine at another endpoint. Accounts stay behind. */
  moveTo(endpoint: string): void;
}

const PATIENCE_MS = 30_000;

/** Makes the functions against an engine, whose environment the process has from then on. */
export async function loadGoTalk(engine: TestEngine): Promise<GoTalk> {
  const environment = environmentOf(engine);
  Object.assign(process.env, environment);
  divertMetrics();
  const foundation = await startFoundation(readConfig(environment));
  const { database } = foundation;
  const accounts = makeAccounts(accountsServices(foundation));
  const send = makeSend(sendServices(foundation));
  const sync = makeSync(syncServices(foundation));
  // A busy machine makes calls slow. Given up and tried again they would not be the same calls any more.
  (database.config.requestHandler as NodeHttpHandler).updateHttpClientConfig("requestTimeout", PATIENCE_MS);
  const redirection = redirect(database);
  const post = (path: string, handler: Handler, body: object): Invocation => ({ handler, event: eventOf(path, body) });
  return {
    database,
    channelsTable: engine.tables.channels,
    sendTo: (receiver, { token, id, username }, content) =>
      post("/send", send, { token, id, username, sendToId: receiver.id, content }),
    syncOf: ({ token, id }, ack) => post("/sync", sync, { token, id, ack }),
    newAccount: async (username) => {
      await invoke(post("/register", accounts, { username, password: PASSWORD }));
      return invoke<Account>(post("/login", accounts, { username, password: PASSWORD }));
    },
    onDevices: async (account, count) => {
      const devices = Array.from({ length: count }, (_, at) =>
        aDevice(`device-${at}`, at + 1, at === 0 ? { channel: undefined } : {}),
      );
      await giveDevices(foundation.accountsTable, account.id, devices);
      const sessions = await Promise.all(devices.map((device) => sessionOn(foundation, account, device)));
      return sessions.map(({ token, sessionId }) => ({ ...account, token, receipt: sessionId }));
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
