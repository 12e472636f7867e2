import type { ProblemCode } from "../contract/problems.ts";
import type { ListedDevice } from "./model.ts";

/** One wrong field of a request, in the server's words. */
export interface FieldProblem {
  readonly field: string;
  readonly detail: string;
}

/** What a {@link ProblemError} is made of. */
interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly fields?: readonly FieldProblem[] | undefined;
  readonly requestId?: string | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  readonly serverTime?: string | undefined;
  readonly devices?: readonly ListedDevice[] | undefined;
}

/** The API refused the request: an RFC 9457 problem. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  /** The HTTP status. */
  readonly status: number;
  /** The stable code, such as `unknown_receiver`. A newer server may send codes that are not in the type. */
  readonly code: ProblemCode | (string & {});
  /** What happened, in words for people. */
  readonly detail: string;
  /** With `invalid_request`: each field and what is wrong with it. */
  readonly fields: readonly FieldProblem[];
  /** Names the request in the server's logs. */
  readonly requestId: string | undefined;
  /** Seconds to wait before the next attempt, as the server asks. */
  readonly retryAfter: number | undefined;
  /** With `message_id_time`: the server's time, RFC 3339. */
  readonly serverTime: string | undefined;
  /** With `too_many_devices`: the user's devices, of which a login may replace one. */
  readonly devices: readonly ListedDevice[];

  constructor(problem: Problem) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.fields = problem.fields ?? [];
    this.requestId = problem.requestId;
    this.retryAfter = problem.retryAfter;
    this.serverTime = problem.serverTime;
    this.devices = problem.devices ?? [];
  }
}

/** What a {@link NetworkError} is made of. */
interface NetworkFault extends ErrorOptions {
  readonly status?: number;
  readonly retryAfter?: number;
}

/**
 * No answer of the API arrived: either none at all, or one of a captive portal, a proxy or a gateway. The request may
 * have taken effect. `cause` is the fault itself.
 */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  readonly code = "network_fault";
  /**
   * The HTTP status of the answer that is not the API's. 0 for a redirect in a browser, which hides its status.
   * Undefined when no answer came.
   */
  readonly status: number | undefined;
  /** Seconds to wait before the next attempt, as that answer asks, 60 at most. */
  readonly retryAfter: number | undefined;

  constructor(message: string, { status, retryAfter, ...options }: NetworkFault = {}) {
    super(message, options);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** What a call of the client throws, besides the reason of an aborted signal. */
export type ClientError = ProblemError | NetworkError;
