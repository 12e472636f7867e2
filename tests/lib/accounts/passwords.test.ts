import { describe, expect, it } from "vitest";
import { OWASP, Passwords } from "../../../lib/accounts/passwords.ts";

const PHC = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;

describe("passwords", () => {
  const passwords = new Passwords();

  it("are hashed by argon2id with OWASP's parameters, 16 bytes of salt and 32 of hash, as a PHC string", async () => {
    expect(await passwords.hash("correct horse")).toMatch(PHC);
  });

  it("have a salt of their own", async () => {
    expect(await passwords.hash("correct horse")).not.toBe(await passwords.hash("correct horse"));
  });

  it("are told from others", async () => {
    const hash = await passwords.hash("correct horse");
    expect(await passwords.verify("correct horse", hash)).toBe(true);
    for (const wrong of ["Correct horse", "correct horse ", "correct hors"]) {
      expect(await passwords.verify(wrong, hash)).toBe(false);
    }
  });

  it.each([
    ["the end of the longest", `${"🔑".repeat(127)}a`, `${"🔑".repeat(127)}b`],
    ["what follows a NUL", "correct\0horse", "correct\0house"],
  ])("are told from others by %s", async (_, password, other) => {
    const hash = await passwords.hash(password);
    expect([await passwords.verify(password, hash), await passwords.verify(other, hash)]).toEqual([true, false]);
  });

  it("are the same in whichever form a keyboard writes them", async () => {
    const hash = await passwords.hash("caf\u00e9 \ufb01n");
    expect(await passwords.verify("cafe\u0301 fin", hash)).toBe(true);
  });

  it("are all wrong where there is no user, at the price of the same hash", async () => {
    expect(await passwords.verify("correct horse", undefined)).toBe(false);
    expect(OWASP.nobody).toMatch(PHC);
    // What is no hash is refused where the password is checked against it.
    const checked = new Passwords({ ...OWASP, nobody: "no hash" }).verify("correct horse", undefined);
    await expect(checked).rejects.toThrow("Invalid hash");
  });

  it("are wrong where there is no user, even if the stand-in's own password were guessed", async () => {
    const guessable = new Passwords({ ...OWASP, nobody: await passwords.hash("guessed") });
    expect(await guessable.verify("guessed", undefined)).toBe(false);
  });
});
