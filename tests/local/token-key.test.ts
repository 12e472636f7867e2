import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRing } from "../../lib/tokens/key-ring.ts";
import { openTokenKey, rotateTokenKey } from "../../local/token-key.ts";
import { temporaryFolder } from "../support/folders.ts";

test("the first start makes a key, for its owner only, and the next ones keep it", () => {
  const folder = temporaryFolder();
  const key = openTokenKey(folder);
  expect(Buffer.from(key, "base64url")).toHaveLength(32);
  expect(statSync(join(folder, "token.key")).mode & 0o777).toBe(0o600);
  expect(openTokenKey(folder)).toBe(key);
  expect(readdirSync(folder)).toEqual(["token.key"]);
});

test("each folder has its own key", () => {
  expect(openTokenKey(temporaryFolder())).not.toBe(openTokenKey(temporaryFolder()));
});

test("a rotation keeps the older keys beside the new one, for the owner only", () => {
  const folder = temporaryFolder();
  const first = openTokenKey(folder);
  rotateTokenKey(folder, 1_000);
  rotateTokenKey(folder, 2_000);
  const ring = readRing(openTokenKey(folder)) ?? [];
  expect(ring.map(({ from }) => from)).toEqual([0, 1_000, 2_000]);
  expect(Buffer.from(ring[0]?.bytes ?? []).toString("base64url")).toBe(first);
  expect(new Set(ring.map(({ kid }) => kid)).size).toBe(3);
  expect(statSync(join(folder, "token.key")).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["token.key"]);
});

test("a rotation of what is no key leaves it as it is", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "token.key"), "too short");
  expect(() => rotateTokenKey(folder, 1_000)).toThrow("is not 32 bytes in base64url");
  expect(statSync(join(folder, "token.key")).size).toBe(9);
});

test.each(["", "too short", "!".repeat(43), "A".repeat(44)])("the key %j is refused", (key) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "token.key"), key);
  expect(() => openTokenKey(folder)).toThrow(
    `The token key ${folder}/token.key is not 32 bytes in base64url. Put the right one back, or delete it`,
  );
});

test("a key that cannot be read is refused", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "token.key"));
  expect(() => openTokenKey(folder)).toThrow(`${folder}/token.key cannot be read (EISDIR)`);
});
