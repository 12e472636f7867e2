import { S3Error } from "./s3-error.ts";

/** A part of a file, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the header `Range` as S3 does (RFC 9110, 14.1): one range of bytes. What is no range, or several, is ignored.
 *
 * @param bytes The file's size.
 * @throws {S3Error} `InvalidRange`: The file ends before it.
 */
export function rangeIn(header: string | undefined, bytes: number): ByteRange | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  if (start > end) throw new S3Error("InvalidRange", "The requested range is not satisfiable");
  return { start, end };
}
