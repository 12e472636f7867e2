import { PROBLEMS, type ProblemCode, type TimedCode } from "../contract/problems.ts";

/** What is wrong with one field of a request. */
export interface FieldIssue {
  readonly field: string;
  readonly detail: string;
}

interface Circumstances {
  /** What happened and what to do, where the table of problems does not say it. */
  readonly detail?: string;
  /** What the text of the table leaves open, in its order. Without them it is `retryAfter`, in words. */
  readonly values?: readonly (string | number)[];
  /** For the log alone. */
  readonly cause?: unknown;
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number;
  /** Headers of the answer, besides those of the table. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the problem. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** A timed problem needs its `retryAfter`: its text and its header tell it. */
type CircumstancesOf<Code extends ProblemCode> = Code extends TimedCode
  ? [circumstances: Circumstances & { readonly retryAfter: number }]
  : [circumstances?: Circumstances | undefined];

/**
 * The one error that reaches a client: a problem of `contract/problems.ts`. `message` is shown as its `detail`: it must say
 * what to do, and never carry internal text (that goes into `cause`, which is logged only).
 */
export class GoTalkError<Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name: string = "GoTalkError";
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly retryAfter: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: Code, ...[circumstances = {}]: CircumstancesOf<Code>) {
    const { status, title, headers } = PROBLEMS[code];
    super(detailOf(code, circumstances), { cause: circumstances.cause });
    this.code = code;
    this.status = status;
    this.title = title;
    this.retryAfter = circumstances.retryAfter;
    this.headers = { ...headers, ...circumstances.headers };
    this.members = circumstances.members ?? {};
  }
}

/** A time in words. */
export const secondsInWords = (seconds: number): string => (seconds === 1 ? "1 second" : `${seconds} seconds`);

function detailOf(code: ProblemCode, { detail, retryAfter = 0, values }: Circumstances): string {
  const rest = [...(values ?? [secondsInWords(retryAfter)])];
  return detail ?? (PROBLEMS[code].detail ?? "").replaceAll("%s", () => String(rest.shift()));
}

/** Fields that break a rule; each is listed with what is wrong with it. */
export const invalidRequest = (detail: string, errors: readonly FieldIssue[] = []): GoTalkError =>
  new GoTalkError("invalid_request", { detail, ...(errors.length > 0 && { members: { errors } }) });

/** More bytes than the limit. */
export const tooLarge = (what: string, bytes: number): GoTalkError =>
  new GoTalkError("too_large", { values: [what, bytes] });

/** A token that does not hold. A request with one counts for its address. */
export class InvalidToken extends GoTalkError {
  override readonly name = "InvalidToken";

  constructor(cause?: unknown) {
    super("invalid_token", { cause });
  }
}

/** The database did not answer as it should, and nobody knows what became of a write. */
export class Unavailable extends GoTalkError {
  override readonly name = "Unavailable";

  constructor(cause?: unknown) {
    super("unavailable", { cause, retryAfter: 1 });
  }
}
