import { expect } from "vitest";
import type { ProblemCode } from "../../lib/contract/problems.ts";
import type { Answer } from "./api.ts";

/**
 * Everything that RFC 9457 and goTalk's own rules want of an error.
 *
 * @param further Members that this problem has beside those of all.
 */
export function expectProblem(answer: Answer, status: number, code: string, further: readonly string[] = []): void {
  expect(answer.body).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
  expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json\b/);
  expect(answer.headers["cache-control"]).toMatch(/\bno-store\b/);
  const { errors, serverTime, ...members } = answer.body;
  expect(Object.keys(members).sort()).toEqual(
    ["code", "detail", "requestId", "status", "title", "type", ...further].sort(),
  );
  for (const text of [members["type"], members["title"], members["detail"], members["requestId"]]) {
    expect(text).toEqual(expect.stringMatching(/\S/));
  }
  expect(answer.headers["x-request-id"]).toBe(members["requestId"]);
  if (errors !== undefined) expect(code).toBe("invalid_request");
  expect(serverTime !== undefined).toBe(code === "message_id_time");
}

/** The fields that an `invalid_request` lists. */
export function fieldsIn(answer: Answer): string[] {
  return ((answer.body["errors"] ?? []) as { field: string }[]).map(({ field }) => field).sort();
}

/** Matches the error that the API answers by this problem. */
export const problem = (code: ProblemCode): unknown => expect.objectContaining({ name: expect.any(String), code });
