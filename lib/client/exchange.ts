import { NetworkError } from "./errors.ts";
import { parseJson } from "./json.ts";
import { problemOf } from "./problem.ts";
import { type Timing, withScope } from "./timing.ts";

/** Where requests go, and how. */
export interface Connection {
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly timing: Timing;
  /** Milliseconds until an attempt without an answer counts as a network fault. */
  readonly timeout: number;
}

/** One request of the API. */
export interface Request<T> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly token?: string;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
  /** Makes the result of a parsed answer (undefined for 204); undefined for what this request cannot be answered with. */
  read(answer: unknown): T | undefined;
}

/**
 * Sends a request once.
 *
 * @throws ProblemError when the server says no
 * @throws NetworkError when no readable answer arrives
 * @throws the signal's reason when it is aborted
 */
export async function exchange<T>(connection: Connection, request: Request<T>): Promise<T> {
  const { response, text } = await answerTo(connection, request);
  if (!response.ok) throw problemOf(response, text, connection.timing.now());
  // A captive portal says 200 too, and a body can end half-way without a fault of the connection.
  const result = request.read(response.status === 204 ? undefined : parseJson(text));
  if (result === undefined) {
    const what = `HTTP ${response.status} with ${text.length} characters of ${response.headers.get("content-type")}`;
    throw new NetworkError(`The answer to ${request.method} ${request.path} is not one of goTalk's.`, {
      cause: new SyntaxError(what),
    });
  }
  return result;
}

async function answerTo(connection: Connection, request: Request<unknown>) {
  const { method, path, token, body, signal } = request;
  const init: RequestInit = {
    method,
    headers: {
      accept: "application/json, application/problem+json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    // No route redirects. Whoever does is not goTalk, and must not get the token.
    redirect: "error",
    cache: "no-store",
  };
  return withScope(signal, async (scope) => {
    const giveUp = () => scope.abort(new DOMException("No answer in time", "TimeoutError"));
    const timer = setTimeout(giveUp, connection.timeout);
    try {
      const response = await connection.fetch(connection.url + path, { ...init, signal: scope.signal });
      return { response, text: await response.text() };
    } catch (cause) {
      signal?.throwIfAborted();
      throw new NetworkError(`No answer to ${method} ${path}.`, { cause });
    } finally {
      clearTimeout(timer);
    }
  });
}
