import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { LIMITS } from "../contract/limits.ts";
import type { Sign } from "../database/aws-calls.ts";
import { log } from "../runtime/log.ts";
import type { PushEvent } from "./push-event.ts";

/** An invocation that is connected or about to be, and has not been sent. */
export interface OpenInvocation {
  /**
   * Hands the event to the operating system, and does not wait for Lambda's answer.
   *
   * @throws {Error} It could not.
   */
  send(event: PushEvent): Promise<void>;
  /** There is nothing to send. */
  close(): void;
}

const ACCEPTED = 202;

/**
 * Invokes the function `push` asynchronously: Lambda queues the event and runs it by itself.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 *
 * A send must wait for no round trip of this, and Lambda freezes a function as soon as it has answered. So each invocation has a
 * connection of its own, which is opened while the message is being stored. A connection that was kept from before the last freeze may
 * be dead, and would swallow the event: what was written to it seems to be sent. On a new one the event has left when the operating
 * system has it. Lambda's answer is read if the process is still there; an event that it refuses is logged and gone.
 */
export class Dispatch {
  readonly #url: URL;
  readonly #sign: Sign;
  /** They keep no connections. For TLS one remembers sessions, which makes the next handshake shorter. */
  readonly #agent: HttpAgent;

  /** @param url Where the function is invoked. Plain HTTP in a local stack. */
  constructor(url: string, sign: Sign) {
    this.#url = new URL(url);
    this.#sign = sign;
    this.#agent = this.#isTls ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });
  }

  /** Begins to connect. It closes itself after `LIMITS.requestTime` without an event. */
  open(): OpenInvocation {
    const request = this.#connect();
    let failure: Error | undefined;
    let isSent = false;
    request.on("error", (error) => {
      failure = error;
    });
    request.on("timeout", () => request.destroy(new Error("it took too long")));
    request.on("response", (response) => {
      response.resume();
      if (response.statusCode !== ACCEPTED) log("warn", "Lambda refused a push", { status: response.statusCode });
    });
    return {
      send: async (event) => {
        const body = JSON.stringify(event);
        const headers = { "x-amz-invocation-type": "Event", "content-length": String(Buffer.byteLength(body)) };
        const signed = await this.#sign({ service: "lambda", url: this.#url, headers, body });
        if (failure) throw failure;
        for (const [name, value] of Object.entries(signed)) request.setHeader(name, value);
        isSent = true;
        await handOver(request, body);
      },
      close: () => {
        if (!isSent) request.destroy();
      },
    };
  }

  get #isTls(): boolean {
    return this.#url.protocol === "https:";
  }

  #connect(): ClientRequest {
    const options = { method: "POST", agent: this.#agent, timeout: LIMITS.requestTime };
    return this.#isTls ? httpsRequest(this.#url, options) : httpRequest(this.#url, options);
  }
}

/** Resolves when the operating system has the whole request. */
const handOver = (request: ClientRequest, body: string): Promise<void> =>
  new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("close", () => reject(new Error("the connection was closed")));
    request.end(body, () => resolve());
  });
