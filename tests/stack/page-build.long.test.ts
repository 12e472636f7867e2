import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildPage } from "../../stack/page-build.ts";
import { temporaryFolder } from "../support/folders.ts";

test("the page can be read by all who may read the clone, and is built once", async () => {
  const folder = temporaryFolder();
  const place = join(folder, "dist");
  await buildPage(place, folder);
  const { mode, ino } = statSync(place);
  expect(mode & 0o777).toBe(0o777 & ~process.umask());
  await buildPage(place, folder);
  expect(statSync(place).ino).toBe(ino);
});

test("the page bears the bounds that it checks itself, and none of the server's", async () => {
  const folder = temporaryFolder();
  const place = join(folder, "dist");
  await buildPage(place, folder);
  const assets = join(place, "assets");
  const scripts = readdirSync(assets).filter((name) => name.endsWith(".js"));
  const code = scripts.map((name) => readFileSync(join(assets, name), "utf8")).join("");
  expect(["maxCharacters", "batchBytes", "leaseTime"].filter((name) => code.includes(name))).toEqual(["maxCharacters"]);
});

test("a clone that cannot be written says so where the page has to be built", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "file");
  writeFileSync(file, "");
  await expect(buildPage(join(folder, "dist"), file)).rejects.toThrow(
    /^The page has to be built, and .* cannot be written \(ENOTDIR\)\. Make it writable, or let its owner start once\.$/,
  );
});

test("a clone that cannot be written serves the page that is there", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "file");
  writeFileSync(file, "");
  const place = join(folder, "dist");
  mkdirSync(place);
  writeFileSync(join(place, "index.html"), "built");
  await expect(buildPage(place, file)).resolves.toBeUndefined();
});
