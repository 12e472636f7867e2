import { expect, it } from "vitest";
import { ProblemError } from "../../lib/client/index.ts";
import { explain } from "../../static/src/chat/explain.ts";

it("what is wrong with each field is a sentence of its own, with one mark at its end", () => {
  const fields = [
    { field: "username", detail: "has fewer than 3 characters" },
    { field: "password", detail: "is among the most used ones." },
    { field: "invite", detail: "is missing!" },
    { field: "name", detail: "is that a name?" },
  ];
  expect(explain(new ProblemError({ status: 400, code: "invalid_request", detail: "Wrong.", fields }))).toBe(
    "Username has fewer than 3 characters. Password is among the most used ones. Invite is missing! Name is that a name?",
  );
});
