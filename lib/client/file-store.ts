import { asObject, withTexts } from "../contract/json.ts";
import type { Success } from "./answer.ts";
import { NetworkError } from "./errors.ts";
import { retryAfterOf } from "./problem.ts";
import { PASSING } from "./retry.ts";

/** Where a file is uploaded to. */
export interface UploadPlace {
  readonly fileId: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the URL, RFC 3339. */
  readonly expiresAt: string;
}

const hasPlace = withTexts<UploadPlace>("fileId", "url", "expiresAt");

/** The answer to `POST /files`. */
export const PLACED: Success<UploadPlace> = {
  success: 201,
  read: (body) => {
    const { headers } = asObject(body);
    const isText = (value: unknown) => typeof value === "string";
    return Object.values(asObject(headers)).every(isText)
      ? hasPlace({ ...asObject(body), headers: asObject(headers) })
      : undefined;
  },
};

/** The answer to `GET /files/{fileId}`. */
export const FOUND: Success<{ readonly url: string }> = { success: 200, read: withTexts("url") };

/** An answer that is no file. */
export interface StoreAnswer {
  readonly status: number;
  readonly text: string;
  /** The header. */
  readonly retryAfter: string | null;
}

/** S3's code in an error. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const CODE = /<Error>.*<Code>(\w+)<\/Code>/s;

/** S3 says "time-out of the request" with 400. */
const PASSING_CODES = new Set(["RequestTimeout", "SlowDown"]);

/** Codes that say no to the URL, and not to what is done with it. */
const OF_URL = new Set(["AccessDenied", "ExpiredToken"]);

/** The store has said no, and no proxy on the way to it. For callers it is a network fault. */
export class StoreRefusal extends NetworkError {
  readonly storeCode: string;

  constructor(status: number, storeCode: string) {
    super(`The file store answered with HTTP ${status} (${storeCode}).`, { status });
    this.storeCode = storeCode;
  }

  /** Another URL may do. S3 says the same of what is not there, if one may not know that. */
  get isOfUrl(): boolean {
    return OF_URL.has(this.storeCode);
  }

  /** It says the same to the same request later. */
  get isFinal(): boolean {
    return !PASSING.has(this.status ?? 0) && !PASSING_CODES.has(this.storeCode);
  }
}

/** Seconds. As for foreign answers of the API. */
const LONGEST_WAIT = 60;

/** The error for an answer of the store, or of something in its place. @param now milliseconds since the epoch */
export function storeError({ status, text, retryAfter }: StoreAnswer, now: number): NetworkError {
  const code = CODE.exec(text)?.[1];
  if (code !== undefined && status >= 400 && status < 500) return new StoreRefusal(status, code);
  const asked = retryAfterOf(retryAfter, now);
  return new NetworkError(`The file store did not answer as it does, but with HTTP ${status}.`, {
    status,
    ...(asked !== undefined && { retryAfter: Math.min(asked, LONGEST_WAIT) }),
  });
}
