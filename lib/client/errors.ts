import type { ProblemCode } from "../contract/problems.ts";

/** What the server says is wrong with one field of a request. */
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
}

/** The API answered, and said no: an RFC 9457 problem. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  /** The HTTP status. */
  readonly status: number;
  /** The stable code, such as `unknown_receiver`. A newer server may have others. */
  readonly code: ProblemCode | (string & {});
  /** What happened, in words for people. */
  readonly detail: string;
  /** With `invalid_request`: each field and what is wrong with it. */
  readonly fields: readonly FieldProblem[];
  /** Names the request in the server's logs. */
  readonly requestId: string | undefined;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined;
  /** With `message_id_time`: the server's time, RFC 3339. */
  readonly serverTime: string | undefined;

  constructor(problem: Problem) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.fields = problem.fields ?? [];
    this.requestId = problem.requestId;
    this.retryAfter = problem.retryAfter;
    this.serverTime = problem.serverTime;
  }
}

/** What a {@link NetworkError} is made of. */
interface NetworkFault extends ErrorOptions {
  readonly status?: number;
  readonly retryAfter?: number;
}

/**
 * No answer of the API arrived: none at all, or one of a captive portal, a proxy or a gateway. The request may have taken
 * effect or not. `cause` has the fault itself.
 */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  readonly code = "network_fault";
  /**
   * The HTTP status of what answered in the API's place, 0 for a redirect in a browser, which does not show it; undefined
   * when nothing answered.
   */
  readonly status: number | undefined;
  /** Seconds after which what answered wants to be asked again, 60 at most. */
  readonly retryAfter: number | undefined;

  constructor(message: string, { status, retryAfter, ...options }: NetworkFault = {}) {
    super(message, options);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** What a call of the client throws; besides it only the reason of an aborted signal. */
export type ClientError = ProblemError | NetworkError;
