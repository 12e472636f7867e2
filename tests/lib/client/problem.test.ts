import { describe, expect, it } from "vitest";
import { problemOf } from "../../../lib/client/problem.ts";
import { PROBLEMS } from "../../../lib/contract/problems.ts";

const answer = (status: number, code: string) => {
  const text = JSON.stringify({ type: "about:blank", title: "No", status, code, requestId: "r" });
  const headers = { "content-type": "application/problem+json" };
  return problemOf(new Response(text, { status, headers }), text, 0)?.code;
};

const problems = Object.entries(PROBLEMS).map(([code, { status }]) => ({ code, status }));

describe("The client", () => {
  it.each(problems)("takes $status with $code as the API's", ({ code, status }) => {
    expect(answer(status, code)).toBe(code);
  });

  it.each(problems.filter(({ status }) => status !== 401))("does not take 401 with $code as the API's", ({ code }) => {
    expect(answer(401, code)).toBeUndefined();
  });
});
