import { describe, expect, it } from "vitest";
import { requireUnreserved } from "../../../lib/accounts/reserved-names.ts";
import { problem } from "../../support/problems.ts";

describe("A reserved name", () => {
  it.each(["admin", "root", "support", "system", "gotalk", "postmaster", "ad.min", "_root_", "go-talk", "no-reply"])(
    "%s is refused, with the field and what to do",
    (username) => {
      const issue = { field: "username", detail: "is reserved: choose another one" };
      expect(() => requireUnreserved(username)).toThrow(problem("invalid_request"));
      expect(() => requireUnreserved(username)).toThrow(expect.objectContaining({ members: { errors: [issue] } }));
    },
  );

  it.each(["alice", "bob", "admira", "rooter", "supporter", "bot", "test", "ci.status", "gotalker"])(
    "is none of %s",
    (username) => {
      expect(requireUnreserved(username)).toBeUndefined();
    },
  );
});
