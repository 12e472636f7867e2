import { EventEmitter } from "node:events";
import { Agent, request, type Server } from "node:http";
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";

/*
 * Hundreds of thousands of runs want a short way to the engine. The commands are the system's own, and so are the engine's
 * answers; what is left out is the SDK's middleware (signatures, endpoint rules, retries), which has no say in the order of
 * things, and for the embedded engine the network.
 */

/** A command of the SDK, before it is written as a request. */
interface Unsent {
  readonly input: unknown;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Brings one request of DynamoDB's JSON protocol to an engine. */
type Carry = (headers: Readonly<Record<string, string>>, body: string) => Promise<Reply>;

/** The engines look for a signature, and do not check it. */
const SIGNATURE = {
  authorization: "AWS4-HMAC-SHA256 Credential=test, SignedHeaders=host, Signature=0",
  "x-amz-date": "20260101T000000Z",
};

/**
 * A client of the database at the other end of `carry`, as far as the stores use one.
 *
 * @param config By what calls of other services are signed.
 */
export function shortLine(carry: Carry, config: DynamoDBClient["config"]): DynamoDBClient {
  const send = async (command: Unsent): Promise<unknown> => {
    const operation = command.constructor.name.replace("Command", "");
    const headers = {
      ...SIGNATURE,
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
    };
    const { status, body } = await carry(headers, JSON.stringify(command.input, binaryToText));
    const output = JSON.parse(body, textToBinary);
    if (status === 200) return output;
    throw errorOf(output, status);
  };
  return { config, send, destroy: () => {} } as unknown as DynamoDBClient;
}

/** To an engine that listens, over connections that stay open. */
export function overHttp(endpoint: string): Carry {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(endpoint);
  return (headers, body) =>
    new Promise((resolve, reject) => {
      const sent = { ...headers, "content-length": String(Buffer.byteLength(body)) };
      request({ agent, hostname, port, method: "POST", path: "/", headers: sent }, (response) => {
        let text = "";
        response
          .setEncoding("utf8")
          .on("data", (chunk: string) => {
            text += chunk;
          })
          .on("end", () => resolve({ status: response.statusCode ?? 0, body: text }))
          .on("error", reject);
      })
        .on("error", reject)
        .end(body);
    });
}

/** The way to an engine in this process. */
interface InProcess {
  readonly carry: Carry;
  /** Takes no further request, as a server that has closed, and waits until the engine has answered those before. */
  close(): Promise<void>;
}

/** To an engine that is an HTTP server of this very process, by its request handler. It need not listen. */
export function inProcess(server: Server): InProcess {
  const open = new Set<Promise<Reply>>();
  let isClosed = false;
  const carry: Carry = async (headers, body) => {
    if (isClosed) throw new Error("The engine has been stopped.");
    const reply = ask(server, headers, body);
    open.add(reply);
    return reply.finally(() => open.delete(reply));
  };
  return {
    carry,
    close: async () => {
      isClosed = true;
      await Promise.allSettled(open);
    },
  };
}

const ask = (server: Server, headers: Readonly<Record<string, string>>, body: string): Promise<Reply> =>
  new Promise((resolve) => {
    const incoming = Object.assign(new EventEmitter(), { method: "POST", url: "/", headers });
    const outgoing = {
      statusCode: 200,
      setHeader: () => {},
      end(text: string) {
        resolve({ status: this.statusCode, body: text });
      },
    };
    server.emit("request", incoming, outgoing);
    incoming.emit("data", Buffer.from(body));
    incoming.emit("end");
  });

/** A `Buffer` has turned itself into something else before a replacer sees it; its owner still has it. */
function binaryToText(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const before = this[key];
  return before instanceof Uint8Array ? Buffer.from(before).toString("base64") : value;
}

/** No attribute of ours has the name `B`; it is always the kind of a value. */
const textToBinary = (key: string, value: unknown): unknown =>
  key === "B" && typeof value === "string" ? new Uint8Array(Buffer.from(value, "base64")) : value;

type Failure = Pick<ConditionalCheckFailedException, "Item"> & { readonly __type?: string; readonly message?: string };

/** As the SDK throws it, with what the stores read off it. */
function errorOf({ __type = "", message = "", Item }: Failure, httpStatusCode: number): Error {
  const name = __type.slice(__type.indexOf("#") + 1);
  const $metadata = { attempts: 1, httpStatusCode };
  if (name === "ResourceNotFoundException") return new ResourceNotFoundException({ message, $metadata });
  if (name !== "ConditionalCheckFailedException") return Object.assign(new Error(message), { name, $metadata });
  return new ConditionalCheckFailedException({ message, $metadata, ...(Item && { Item }) });
}
