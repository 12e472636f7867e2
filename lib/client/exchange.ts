import { v7 } from "uuid";
import { type Answer, resultOf, type Success } from "./answer.ts";
import { NetworkError } from "./errors.ts";
import { type Timing, withScope } from "./timing.ts";

/** How requests reach the API. */
export interface Connection {
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly timing: Timing;
  /** Milliseconds. An attempt without an answer for so long is a network fault. */
  readonly timeout: number;
}

/** One request of the API. */
export interface Request<T> extends Success<T> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly token?: string;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
  /** It goes on when the page that makes it is closed. For small bodies: a page's may have 64 KB together. */
  readonly keepalive?: boolean;
}

/** API Gateway's quota for an answer, in bytes. Only another server sends more: a stream of music, say. */
const LARGEST_ANSWER = 10 * 1024 * 1024;

/**
 * Sends a request once.
 *
 * @throws ProblemError when the API says no
 * @throws NetworkError when no answer of the API arrives
 * @throws the signal's reason when it is aborted
 */
export async function exchange<T>(connection: Connection, request: Request<T>): Promise<T> {
  const answer = await answerTo(connection, request);
  return resultOf(answer, request, nameOf(request), connection.timing.now());
}

const nameOf = ({ method, path }: Request<unknown>): string => `${method} ${path}`;

async function answerTo(connection: Connection, request: Request<unknown>): Promise<Answer> {
  const { method, path, token, body, signal, success, keepalive } = request;
  // A new one for each attempt. Only answers without a body need it.
  const requestId = success === 204 ? v7() : undefined;
  const init: RequestInit = {
    method,
    headers: {
      accept: "application/json, application/problem+json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(requestId !== undefined && { "x-request-id": requestId }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    // No route redirects. A server that does is not goTalk, and must not get the token.
    redirect: "manual",
    cache: "no-store",
    ...(keepalive && { keepalive }),
  };
  return withScope(signal, async (scope) => {
    const giveUp = () => scope.abort(new DOMException("No answer in time", "TimeoutError"));
    const timer = setTimeout(giveUp, connection.timeout);
    try {
      const response = await connection.fetch(connection.url + path, { ...init, signal: scope.signal });
      return { response, text: await textOf(response), requestId };
    } catch (cause) {
      signal?.throwIfAborted();
      throw new NetworkError(`No answer to ${nameOf(request)}.`, { cause });
    } finally {
      clearTimeout(timer);
    }
  });
}

/** The body. Empty if it is larger than any body of the API's: then the rest is not read. */
async function textOf({ body }: Response): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > LARGEST_ANSWER) {
      // This ends the connection. A failure to do so does not matter.
      reader.cancel().catch(() => undefined);
      return "";
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}
