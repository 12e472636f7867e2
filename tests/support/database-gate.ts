import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/**
 * What happens to one DynamoDB request:
 * - `pass`: the engine answers it
 * - `throttle`, `fail`, `reject`: it is refused as DynamoDB does: by throttling, by an inner error, as not valid
 * - `cut`: the connection is closed before the engine sees it
 * - `lose`: the engine carries it out, and the connection is closed in the place of its answer
 * - `hang`: it is never answered
 * - `{ stale }`: it is answered by this, in the place of what the engine knows
 */
export type DatabaseFault =
  | "pass"
  | "throttle"
  | "fail"
  | "reject"
  | "cut"
  | "lose"
  | "hang"
  | { readonly stale: object };

/** A DynamoDB request, as a fault is chosen by it. */
export interface DatabaseRequest {
  /** Such as `PutItem`. */
  readonly operation: string;
  readonly text: string;
}

export type Chooser = (request: DatabaseRequest) => DatabaseFault | Promise<DatabaseFault>;

/** An HTTP server in front of a DynamoDB engine, which harms requests. */
export interface DatabaseGate {
  readonly endpoint: string;
  /** Chooses the fault of each request from now on. */
  harm(choose: Chooser): void;
  close(): Promise<void>;
}

/**
 * @param onAnswer Sees what the engine answered to each request that was passed on.
 * @param port Where it listens; 0 for any.
 */
export async function startDatabaseGate(
  engine: string,
  onAnswer: (request: DatabaseRequest, text: string) => void = () => {},
  port = 0,
): Promise<DatabaseGate> {
  let choose: Chooser = () => "pass";
  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    const operation = String(incoming.headers["x-amz-target"]).split(".").at(-1) ?? "";
    const asked = { operation, text: body.toString() };
    answer(await choose(asked), incoming, body, response, { engine, onAnswer: (text) => onAnswer(asked, text) });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    harm: (chooser) => {
      choose = chooser;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

interface Beyond {
  readonly engine: string;
  onAnswer(text: string): void;
}

const HEADERS = { "content-type": "application/x-amz-json-1.0" };

/** How DynamoDB refuses: status and type. */
const REFUSALS = {
  throttle: [400, "ProvisionedThroughputExceededException"],
  fail: [500, "InternalServerError"],
  reject: [400, "ValidationException"],
} as const;

function answer(
  fault: DatabaseFault,
  incoming: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  beyond: Beyond,
): void {
  if (typeof fault === "object") response.writeHead(200, HEADERS).end(JSON.stringify(fault.stale));
  else if (fault === "cut") response.destroy();
  else if (fault === "pass" || fault === "lose") forward(fault, incoming, body, response, beyond);
  else if (fault !== "hang") refuse(response, REFUSALS[fault]);
}

function forward(
  fault: "pass" | "lose",
  incoming: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  beyond: Beyond,
): void {
  const forwarded = request(beyond.engine, { method: "POST", headers: { ...incoming.headers, connection: "close" } });
  forwarded.on("error", () => response.destroy());
  forwarded.on("response", async (answered) => {
    const text = await buffer(answered);
    beyond.onAnswer(text.toString());
    if (fault === "lose") response.destroy();
    else response.writeHead(answered.statusCode ?? 500, { ...answered.headers, connection: "keep-alive" }).end(text);
  });
  forwarded.end(body);
}

function refuse(response: ServerResponse, [status, type]: readonly [number, string]): void {
  const problem = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: "internal text of the database" };
  response.writeHead(status, HEADERS).end(JSON.stringify(problem));
}
