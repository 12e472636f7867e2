import { randomBytes } from "node:crypto";
import { decodeProtectedHeader, jwtDecrypt } from "jose";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { InvalidToken, Unavailable } from "../../../lib/runtime/errors.ts";
import { type KeyRing, newTokenKey, rotated, singleKey } from "../../../lib/tokens/key-ring.ts";
import { Tokens } from "../../../lib/tokens/tokens.ts";
import { encrypted, forgeries, RETIRED } from "../../support/forgeries.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
const HOUR = 3_600_000;
const caller = { userId: "a-user", username: "ann", sessionId: "a-session" };

/** Those that only the look for their session refuses. */
const RIGHT_BY_THEMSELVES = new Set([
  "of a session that never was",
  "of a session with a key's separator",
  "of a device with a key's separator",
]);

describe("Tokens", () => {
  const key = randomBytes(32);
  const ring = singleKey(key);
  const at = (milliseconds: number, keys: KeyRing = ring) =>
    new Tokens(
      async () => keys,
      () => milliseconds,
    );

  it("opens what it issued", async () => {
    const token = await at(NOW).issue(caller, NOW + HOUR);
    expect(await at(NOW).open(token)).toEqual({ ...caller, issuedAt: 1_000 * Math.floor(NOW / 1_000) });
  });

  it("issues with the keys that are known, without reading them again", async () => {
    const source = vi.fn(async () => ring);
    await new Tokens(source, () => NOW).issue(caller, NOW + HOUR);
    expect(source.mock.calls).toEqual([[false]]);
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

  it("names the session's device and its channel, where it has them", async () => {
    const onDevice = { ...caller, deviceId: "a-device", channel: "a-channel" };
    const token = await at(NOW).issue(onDevice, NOW + HOUR);
    expect(await at(NOW).open(token)).toEqual({ ...onDevice, issuedAt: expect.any(Number) });
    const { payload } = await jwtDecrypt(token, key, { currentDate: new Date(NOW) });
    expect(payload).toMatchObject({ dev: "a-device", ch: "a-channel" });
  });

  it("opens a token made before devices existed: it names none", async () => {
    const claims = { iss: "gotalk", aud: "gotalk", sub: "a-user", sid: "a-session", name: "ann" };
    const opened = await at(NOW).open(await encrypted({ ...claims, exp: (NOW + HOUR) / 1_000 }, key));
    expect([opened.deviceId, opened.channel]).toEqual([undefined, undefined]);
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
    expect(await at(NOW + HOUR - 1_000).open(token)).toEqual({ ...caller, issuedAt: expect.any(Number) });
    await expect(at(NOW + HOUR).open(token)).rejects.toThrow(InvalidToken);
  });

  it("opens a token from its beginning on, if it names one", async () => {
    const claims = { iss: "gotalk", aud: "gotalk", sub: "a-user", sid: "a-session", name: "ann" };
    const token = await encrypted({ ...claims, nbf: NOW / 1_000, exp: (NOW + HOUR) / 1_000 }, key);
    await expect(at(NOW - 1_000).open(token)).rejects.toThrow(InvalidToken);
    expect(await at(NOW).open(token)).toEqual({ ...caller, issuedAt: expect.any(Number) });
  });

  it("opens a token though the clock is set back behind its beginning, or another function's is behind", async () => {
    const token = await at(NOW).issue(caller, NOW + HOUR);
    expect(await at(NOW - HOUR).open(token)).toMatchObject(caller);
  });

  it("refuses a server with another key", async () => {
    const token = await at(NOW).issue(caller, NOW + HOUR);
    await expect(at(NOW, singleKey(randomBytes(32))).open(token)).rejects.toThrow(InvalidToken);
  });

  const named = newTokenKey(1);
  it.each([
    ["a key without a name", [RETIRED, ...ring], key],
    ["a key with a name", [RETIRED, named], Buffer.from(named.bytes)],
    ["keys of both kinds", [RETIRED, ...ring, { ...named, from: Date.now() - HOUR }], key],
  ])("refuses every forgery by the same error, with %s", async (_, keys, known) => {
    const tokens = new Tokens(async () => keys, Date.now);
    const token = await tokens.issue(caller, Date.now() + HOUR);
    const forged = await forgeries({ id: "a-user", username: "ann", token }, known);
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

  describe("where a token is optional", () => {
    it("opens a good one", async () => {
      const token = await at(NOW).issue(caller, NOW + HOUR);
      expect(await at(NOW).openOptional(token)).toEqual(await at(NOW).open(token));
    });

    it.each([
      ["there is none", async () => undefined],
      ["it is none of ours", async () => "a.b.c.d.e"],
      ["it has expired", () => at(NOW - HOUR).issue(caller, NOW)],
    ])("answers undefined if %s", async (_, given) => {
      expect(await at(NOW).openOptional(await given())).toBeUndefined();
    });

    it("takes nothing for a bad one while the keys cannot be read", async () => {
      const token = await at(NOW).issue(caller, NOW + HOUR);
      const tokens = new Tokens(
        async () => {
          throw new Unavailable();
        },
        () => NOW,
      );
      await expect(tokens.openOptional(token)).rejects.toThrow(Unavailable);
    });
  });

  it("keeps the reason for the log", async () => {
    const reason = (token: string) =>
      at(NOW)
        .open(token)
        .catch((error: Error) => String(error.cause));
    expect(await reason("x".repeat(2_049))).toContain("too long");
    expect(await reason("x".repeat(2_048))).not.toContain("too long");
    expect(await reason(await encrypted({ sub: "u" }, key, { alg: "dir", enc: "A256GCM", kid: "k" }))).toBe(
      "no key has the name in the token",
    );
    const claims = { iss: "gotalk", aud: "gotalk", sub: "a-user", sid: 5, name: "ann", exp: NOW / 1_000 + 1 };
    expect(await reason(await encrypted(claims, key))).toBe("a claim has the wrong type");
    expect(await reason("")).toContain("no token");
    expect(await reason("a.b")).toContain("Invalid Token");
    expect(await reason((await at(NOW).issue(caller, NOW)).slice(0, -2))).toContain("Invalid Authentication Tag");
  });

  it("imports a key once, and lets nobody take it out again", async () => {
    const imports = vi.spyOn(crypto.subtle, "importKey");
    onTestFinished(() => imports.mockRestore());
    const tokens = at(NOW);
    for (let time = 0; time < 3; time++) await tokens.open(await tokens.issue(caller, NOW + HOUR));
    const ours = imports.mock.calls.filter(([, , algorithm]) => algorithm === "AES-GCM");
    expect(ours.map(([format, , , isExtractable, uses]) => [format, isExtractable, uses])).toEqual([
      ["raw", false, ["encrypt", "decrypt"]],
    ]);
  });

  it("decrypts a token that is shown again only once", async () => {
    const decrypts = vi.spyOn(crypto.subtle, "decrypt");
    onTestFinished(() => decrypts.mockRestore());
    const tokens = at(NOW);
    const [token, other] = [await tokens.issue(caller, NOW + HOUR), await tokens.issue(caller, NOW + HOUR)];
    const opened = await tokens.open(token);
    expect(await tokens.open(token)).toEqual(opened);
    expect(decrypts).toHaveBeenCalledTimes(1);
    await tokens.open(other);
    expect(decrypts).toHaveBeenCalledTimes(2);
  });

  it("refuses a token that it has opened from its end on, and opens it when the clock is set back", async () => {
    let now = NOW;
    const tokens = new Tokens(
      async () => ring,
      () => now,
    );
    const token = await tokens.issue(caller, NOW + HOUR);
    await tokens.open(token);
    now = NOW + HOUR - 1;
    expect(await tokens.open(token)).toMatchObject(caller);
    now = NOW + HOUR;
    await expect(tokens.open(token)).rejects.toThrow(InvalidToken);
    now = NOW;
    expect(await tokens.open(token)).toMatchObject(caller);
  });

  it("refuses a token that it has opened when its key has left the ring, or is another under the same name", async () => {
    let keys: KeyRing = [named];
    const tokens = new Tokens(
      async () => keys,
      () => NOW,
    );
    const token = await tokens.issue(caller, NOW + HOUR);
    expect(await tokens.open(token)).toMatchObject(caller);
    keys = ring;
    await expect(tokens.open(token)).rejects.toThrow(InvalidToken);
    keys = [{ ...named, bytes: randomBytes(32) }];
    await expect(tokens.open(token)).rejects.toThrow(InvalidToken);
  });

  it("remembers a bounded number of tokens, and opens those that it has forgotten again", async () => {
    const decrypts = vi.spyOn(crypto.subtle, "decrypt");
    onTestFinished(() => decrypts.mockRestore());
    const tokens = at(NOW);
    const first = await tokens.issue(caller, NOW + HOUR);
    await tokens.open(first);
    for (let count = 0; count < LIMITS.openedTokens; count++) await tokens.open(await tokens.issue(caller, NOW + HOUR));
    decrypts.mockClear();
    expect(await tokens.open(first)).toMatchObject(caller);
    expect(decrypts).toHaveBeenCalledTimes(1);
  });

  it("names the key, once there was a newer one", async () => {
    const token = await at(NOW, [...ring, { ...named, from: NOW }]).issue(caller, NOW + HOUR);
    expect(decodeProtectedHeader(token)).toEqual({ alg: "dir", enc: "A256GCM", kid: named.kid });
    await expect(jwtDecrypt(token, named.bytes, { currentDate: new Date(NOW) })).resolves.toBeDefined();
  });

  it("uses a new key from its time on, and opens its tokens before", async () => {
    const keys = [...ring, { ...named, from: NOW }];
    expect(decodeProtectedHeader(await at(NOW - 1, keys).issue(caller, NOW + HOUR))).not.toHaveProperty("kid");
    const early = await at(NOW, keys).issue(caller, NOW + HOUR);
    expect(await at(NOW - HOUR, keys).open(early)).toEqual({ ...caller, issuedAt: expect.any(Number) });
  });

  it("logs nobody out by a rotation: tokens of every older key are opened up to their end", async () => {
    let keys: KeyRing = ring;
    const issued: string[] = [];
    for (let day = 0; day < 29; day++) {
      const now = NOW + day * 24 * HOUR;
      issued.push(await at(now, keys).issue(caller, now + LIMITS.session));
      keys = rotated(keys, now, now);
    }
    const late = NOW + LIMITS.session - 1_000;
    for (const token of issued)
      expect(await at(late, keys).open(token)).toEqual({ ...caller, issuedAt: expect.any(Number) });
    expect(new Set(issued.map((token) => decodeProtectedHeader(token).kid)).size).toBe(29);
  });

  it("asks once more for a key that it does not know, and not for one without a name", async () => {
    const asked: boolean[] = [];
    let keys: KeyRing = ring;
    const tokens = new Tokens(
      async (isUnknown) => {
        asked.push(isUnknown);
        if (isUnknown) keys = [...ring, named];
        return keys;
      },
      () => NOW,
    );
    expect(await tokens.open(await at(NOW, [named]).issue(caller, NOW + HOUR))).toEqual({
      ...caller,
      issuedAt: expect.any(Number),
    });
    expect(asked).toEqual([false, true]);
    keys = [named];
    await expect(tokens.open(await at(NOW).issue(caller, NOW + HOUR))).rejects.toThrow(InvalidToken);
    expect(asked).toEqual([false, true, false]);
  });

  it("is no refusal of a token when the keys cannot be read", async () => {
    const token = await at(NOW).issue(caller, NOW + HOUR);
    const tokens = new Tokens(
      async () => {
        throw new Unavailable();
      },
      () => NOW,
    );
    await expect(tokens.open(token)).rejects.toThrow(Unavailable);
    await expect(tokens.issue(caller, NOW)).rejects.toThrow(Unavailable);
  });

  it("issues tokens that are shorter than what it refuses, for the longest names", async () => {
    const [userId, random] = [crypto.randomUUID(), "s".repeat(22)];
    const longest = { userId, username: "n".repeat(32), sessionId: random, deviceId: random, channel: random };
    const token = await at(NOW, [named]).issue(longest, NOW + 30 * 24 * HOUR);
    expect(token.length).toBeLessThan(512);
  });
});
