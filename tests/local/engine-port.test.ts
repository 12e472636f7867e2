import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { startEmbedded } from "../../local/database.ts";
import { type Engine, startDynalite } from "../../local/engine.ts";
import { lineTo } from "../../local/engine-line.ts";
import { functionSettings } from "../../local/function-settings.ts";
import { listenPrivately } from "../../local/private-server.ts";
import { createTables, declaredTables } from "../../stack/tables.ts";
import { temporaryFolder } from "../support/folders.ts";
import { databaseAt } from "../support/stack-engine.ts";
import { hostOf } from "./function-hosts.ts";

const DATABASE = new URL("../../lib/database/database.ts", import.meta.url).href;
const BOUNDS = new URL("../../lib/contract/limits.ts", import.meta.url).href;
const SDK = import.meta.resolve("@aws-sdk/client-dynamodb");

/** A function that makes the calls of its event at once, by goTalk's client, and answers with what came of each. */
const CALLER = `
  import * as sdk from ${JSON.stringify(SDK)};
  import { createDatabase } from ${JSON.stringify(DATABASE)};
  import { LIMITS } from ${JSON.stringify(BOUNDS)};
  const database = createDatabase(() => {});
  const outcomeOf = async ({ command, input, abortAfter }) => {
    const options = abortAfter === undefined ? {} : { abortSignal: AbortSignal.timeout(abortAfter) };
    try {
      return await database.send(new sdk[command](input), options);
    } catch ({ name, message, code, $metadata }) {
      return { name, message, code, $metadata };
    }
  };
  export const handler = (calls) => Promise.all(calls.map(outcomeOf));`;

interface Call {
  readonly command: string;
  readonly input: object;
  readonly abortAfter?: number;
}

interface Outcome {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

type Asked = Required<Pick<Engine, "endpoint" | "line">>;

/** What comes of calls that a function makes of an engine: by a port, or over HTTP as every other client. */
function caller({ endpoint, line }: Asked, way: "by port" | "over HTTP" = "by port", source = CALLER) {
  const { host } = hostOf(source, {
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    },
    engine: way === "by port" ? { endpoint, line } : { endpoint },
  });
  return (...calls: Call[]) => host.invoke(calls) as Promise<Outcome[]>;
}

/** An engine with goTalk's tables, which counts the connections that are made to it. */
async function startCounted() {
  let connections = 0;
  const { endpoint, line, stop } = await startDynalite(undefined, (server) => {
    server.on("connection", () => connections++);
    return listenPrivately(server);
  });
  if (line === undefined) throw new Error("an embedded engine has a line");
  await createTables(databaseAt(endpoint), declaredTables());
  const before = connections;
  return { endpoint, line, stop, connections: () => connections - before };
}

/** An engine that answers as `listener` does. */
async function startFaulty(listener: RequestListener): Promise<Asked> {
  const server = createServer(listener);
  const endpoint = await listenPrivately(server);
  onTestFinished(() => void server.close());
  return { endpoint, line: lineTo(server) };
}

const TableName = declaredTables()["AccountsTable"]?.TableName ?? "";
const KEY = { owner: { S: "somebody" }, record: { S: "profile" } };
const READ: Call = { command: "GetItemCommand", input: { TableName, Key: KEY } };

test("a function gets the same answers by its port as over HTTP, and makes no connection", async () => {
  const engine = await startCounted();
  onTestFinished(() => engine.stop());
  const item = { ...KEY, text: { S: "ä€😀" }, bytes: { B: new Uint8Array([0, 255]) } };
  const writes: Call[] = [{ command: "PutItemCommand", input: { TableName, Item: item, ReturnValues: "ALL_OLD" } }];
  const others: Call[] = [
    READ,
    {
      command: "PutItemCommand",
      input: {
        TableName,
        Item: item,
        ConditionExpression: "attribute_not_exists(#owner)",
        ExpressionAttributeNames: { "#owner": "owner" },
      },
    },
    { command: "GetItemCommand", input: { TableName: "missing", Key: KEY } },
    { command: "GetItemCommand", input: { TableName, Key: { no: { S: "key" } } } },
  ];
  const [byPort, overHttp] = [caller(engine), caller(engine, "over HTTP")];
  await byPort(...writes);
  const answers = await byPort(...others);
  expect(engine.connections()).toBe(0);
  expect(answers.map(({ $metadata }) => $metadata?.httpStatusCode)).toEqual([200, 400, 400, 400]);
  expect(answers[0]).toMatchObject({ Item: item });
  expect(answers.map(comparable)).toEqual((await overHttp(...others)).map(comparable));
  expect(engine.connections()).toBeGreaterThan(0);
});

const itemOf = (text: string): string => JSON.stringify({ Item: { text: { S: text } } });

/** Without the id, which is each answer's own. */
const comparable = (outcome: Outcome) => {
  expect(outcome.$metadata).toHaveProperty("requestId", expect.stringMatching(/^\w{52}$/));
  return { ...outcome, $metadata: { ...outcome.$metadata, requestId: "" } };
};

test("a call that the engine does not answer ends after the client's time, and each attempt reaches the engine", async () => {
  let asked = 0;
  const ask = caller(await startFaulty(() => asked++));
  const [late] = await ask(READ);
  expect(late).toMatchObject({ name: "TimeoutError", $metadata: { attempts: LIMITS.database.attempts } });
  expect(asked).toBe(LIMITS.database.attempts);
});

test("a call that is aborted ends at once, and its late answer reaches no other call", async () => {
  const late: ServerResponse[] = [];
  let isHeld = false;
  const engine = await startFaulty((_, response) => {
    late.push(response);
    if (isHeld) return;
    for (const one of late) one.end(itemOf(one === response ? "its own" : "another's"));
  });
  const ask = caller(engine);
  await ask(READ);
  isHeld = true;
  expect(await ask({ ...READ, abortAfter: 300 })).toMatchObject([{ name: "AbortError" }]);
  isHeld = false;
  expect(await ask(READ)).toMatchObject([{ Item: { text: { S: "its own" } } }]);
});

const REFUSED = { code: "ECONNREFUSED", $metadata: { attempts: LIMITS.database.attempts } };

test("a line that closes waits for what was asked, and refuses what comes later as a closed port does", async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  const engine = await startFaulty((_, response) => asked.resolve(response));
  // What was asked is not given up while a busy machine is at the rest.
  const ask = caller(engine, "by port", `${CALLER} LIMITS.database.attemptTime = 60_000;`);
  const begun = ask(READ);
  const response = await asked.promise;
  let isClosed = false;
  const closed = engine.line.close().then(() => {
    isClosed = true;
  });
  expect(await ask(READ)).toMatchObject([REFUSED]);
  expect(isClosed).toBe(false);
  response.end(itemOf("its own"));
  await closed;
  expect(await begun).toMatchObject([{ Item: { text: { S: "its own" } } }]);
});

test("an engine that has stopped refuses what its functions ask", async () => {
  const engine = await startCounted();
  const ask = caller(engine);
  expect(await ask(READ)).toMatchObject([{ $metadata: { httpStatusCode: 200 } }]);
  await engine.stop();
  expect(await ask(READ)).toMatchObject([REFUSED]);
});

/** A function that asks a server by `node:http`, and answers with the body. */
const HTTP_CALLER = `
  import http from "node:http";
  export const handler = (options) =>
    new Promise((resolve, reject) => {
      const request = http.request(options, (response) => response.setEncoding("utf8").on("data", resolve));
      request.on("error", reject).end();
    });`;

test("only requests for the engine go through the port", async () => {
  const engine = await startFaulty((_, response) => response.end("the engine"));
  const other = await startFaulty((_, response) => response.end("the other"));
  const { host } = hostOf(HTTP_CALLER, { engine });
  const answerOf = ({ endpoint }: Asked) => {
    const { hostname, port, pathname } = new URL(endpoint);
    return host.invoke({ host: hostname, port, path: pathname, headers: { host: `${hostname}:${port}` } });
  };
  expect(await Promise.all([engine, other].map(answerOf))).toEqual(["the engine", "the other"]);
});

test("each function of a stack gets the line of the embedded engine", async () => {
  const engine = await startEmbedded(temporaryFolder(), {});
  onTestFinished(() => engine.stop());
  const bundles = { folder: "", urlOf: (entry: string) => entry };
  const definition = { name: "send", handler: "functions/send.handler" };
  const settings = functionSettings(definition, { region: "us-east-1" }, () => bundles, engine);
  expect(settings.engine).toMatchObject({ endpoint: engine.endpoint, line: { connect: expect.any(Function) } });
});
