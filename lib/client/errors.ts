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

/** The server answered, and said no: an RFC 9457 problem, or what a gateway in between put in its place. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  /** The HTTP status. */
  readonly status: number;
  /** The stable code, such as `unknown_receiver`; `http_<status>` when the answer named none. */
  readonly code: string;
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

/**
 * No answer arrived, or none that can be read: the request may have taken effect or not. `cause` has the fault itself.
 */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  readonly code = "network_fault";
}

/** What a call of the client throws; besides it only the reason of an aborted signal. */
export type ClientError = ProblemError | NetworkError;
