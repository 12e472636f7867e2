import { randomBytes } from "node:crypto";
import { decodeProtectedHeader, jwtDecrypt } from "jose";
import { describe, expect, it } from "vitest";
import { InvalidToken } from "../../lib/errors.ts";
import { Tokens } from "../../lib/tokens.ts";
import { encrypted, forgeries } from "../support/forgeries.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
const HOUR = 3_600_000;
const caller = { userId: "a-user", username: "ann", sessionId: "a-session" };

/** Those that only the look for their session refuses. */
const RIGHT_BY_THEMSELVES = new Set(["of a session that never was", "of a session with a key's separator"]);

describe("Tokens", () => {
  const key = randomBytes(32);
  const at = (milliseconds: number) =>
    new Tokens(
      async () => key,
      () => milliseconds,
    );

  it("opens what it issued", async () => {
    const token = await at(NOW).issue(caller, NOW + HOUR);
    expect(await at(NOW).open(token)).toEqual(caller);
  });

  it("issues a JWE by dir and A256GCM with issuer, audience, subject, session and end", async () => {
    const token = await at(NOW).issue(caller, NOW + HOUR);
    expect(decodeProtectedHeader(token)).toEqual({ alg: "dir", enc: "A256GCM" });
    const { payload } = await jwtDecrypt(token, key, { currentDate: new Date(NOW) });
    expect(payload).toEqual({
      iss: "gotalk",
      aud: "gotalk",
      sub: "a-user",
      sid: "a-session",
      name: "ann",
      iat: NOW / 1_000,
      exp: (NOW + HOUR) / 1_000,
    });
  });

  it("shows nothing of what it says, and never the same token twice", async () => {
    const [one, two] = [await at(NOW).issue(caller, NOW + HOUR), await at(NOW).issue(caller, NOW + HOUR)];
    expect(one).not.toBe(two);
    const readable = one
      .split(".")
      .map((part) => Buffer.from(part, "base64url").toString("latin1"))
      .join();
    expect(readable).not.toMatch(/a-user|a-session|ann/);
  });

  it("opens a token up to its end, by the clock that it was given", async () => {
    const token = await at(NOW).issue(caller, NOW + HOUR);
    expect(await at(NOW + HOUR - 1_000).open(token)).toEqual(caller);
    await expect(at(NOW + HOUR).open(token)).rejects.toThrow(InvalidToken);
  });

  it("opens a token from its beginning on, if it names one", async () => {
    const claims = { iss: "gotalk", aud: "gotalk", sub: "a-user", sid: "a-session", name: "ann" };
    const token = await encrypted({ ...claims, nbf: NOW / 1_000, exp: (NOW + HOUR) / 1_000 }, key);
    await expect(at(NOW - 1_000).open(token)).rejects.toThrow(InvalidToken);
    expect(await at(NOW).open(token)).toEqual(caller);
  });

  it("refuses a server with another key", async () => {
    const token = await at(NOW).issue(caller, NOW + HOUR);
    await expect(
      new Tokens(
        async () => randomBytes(32),
        () => NOW,
      ).open(token),
    ).rejects.toThrow(InvalidToken);
  });

  it("refuses every forgery by the same error", async () => {
    const tokens = new Tokens(async () => key, Date.now);
    const token = await tokens.issue(caller, Date.now() + HOUR);
    const forged = await forgeries({ id: "a-user", username: "ann", token }, key);
    for (const [what, forgery] of Object.entries({ ...forged, nothing: "", none: undefined })) {
      if (RIGHT_BY_THEMSELVES.has(what)) continue;
      const { code, status, message, headers } = await tokens.open(forgery).then(
        () => expect.unreachable(`taken: ${what}`),
        (error: unknown) => error as InvalidToken,
      );
      expect({ code, status, message, headers }, what).toEqual({
        code: "invalid_token",
        status: 401,
        message: "Log in to get a new token.",
        headers: { "www-authenticate": "Bearer" },
      });
    }
  });

  it("keeps the reason for the log", async () => {
    const reason = (token: string) =>
      at(NOW)
        .open(token)
        .catch((error: Error) => String(error.cause));
    expect(await reason("x".repeat(2_049))).toContain("too long");
    expect(await reason("")).toContain("no token");
    expect(await reason("a.b")).toContain("Invalid Compact JWE");
  });

  it("issues tokens that are shorter than what it refuses, for the longest names", async () => {
    const longest = { userId: crypto.randomUUID(), username: "n".repeat(32), sessionId: "s".repeat(22) };
    const token = await at(NOW).issue(longest, NOW + 30 * 24 * HOUR);
    expect(token.length).toBeLessThan(512);
  });
});
