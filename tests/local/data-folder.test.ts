import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataFolder } from "../../local/data-folder.ts";
import { temporaryFolder } from "../support/folders.ts";

test("a data folder may be behind a link", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "disk"));
  symlinkSync(join(folder, "disk"), join(folder, "link"));
  openDataFolder(join(folder, "link/deep/data"));
  expect(readdirSync(join(folder, "disk/deep"))).toEqual(["data"]);
});

test.each(["link", "link/deep/data"])("a link to a disk that is not there is named, in %s", (path) => {
  const folder = temporaryFolder();
  symlinkSync(join(folder, "disk"), join(folder, "link"));
  expect(() => openDataFolder(join(folder, path))).toThrow(
    `The data folder cannot be made: ${folder}/link is a link to ${folder}/disk, which is not there. Make that, or choose another folder with GOTALK_DATA.`,
  );
  expect(existsSync(join(folder, "disk"))).toBe(false);
});
