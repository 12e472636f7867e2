import { describe, expect, it } from "vitest";
import * as generator from "../../../.ci/common-passwords.ts";
import { commonPasswords, requireUncommon } from "../../../lib/accounts/password-rules.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { problem } from "../../support/problems.ts";

describe("The commonest passwords", () => {
  it("are what the generator makes: node .ci/common-passwords.ts", () => {
    expect([...commonPasswords()]).toEqual(generator.commonPasswords().toSorted());
  });

  it("are many, in lower case, and none that is too short anyway", () => {
    const words = [...commonPasswords()];
    expect(words.length).toBeGreaterThan(4_500);
    expect(words.filter((word) => word.length < LIMITS.password.minCharacters || word !== word.toLowerCase())).toEqual(
      [],
    );
  });

  it.each([
    "password",
    "12345678",
    "Password1",
    "QWERTYUIOP",
    "ｐａｓｓｗｏｒｄ",
    "iloveyou",
    "ann-of-cleves",
    "Ann-of-Cleves",
  ])("refuse %s, with the field and what to do", (password) => {
    const detail = "is one of the first that an attacker tries: choose another one";
    const refuse = () => requireUncommon("newPassword", password, "ann-of-cleves");
    expect(refuse).toThrow(problem("invalid_request"));
    expect(refuse).toThrow(expect.objectContaining({ members: { errors: [{ field: "newPassword", detail }] } }));
  });

  it.each(["correct-horse", "battery-staple", "constructor", "__proto__", "ann-of-cleves 2"])("take %s", (password) => {
    expect(requireUncommon("password", password, "ann-of-cleves")).toBeUndefined();
  });
});
