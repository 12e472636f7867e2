import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/folders.ts";
import { quoted, runIn } from "../support/shell.ts";

const lock = readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8");

interface LockedPackage {
  readonly optionalDependencies?: Record<string, string>;
}

test("the lock bears no addresses, so that it works with any registry", () => {
  expect(lock).not.toContain('"resolved"');
});

test("the lock has every optional package, without which npm ci refuses it", () => {
  const packages: Record<string, LockedPackage> = JSON.parse(lock).packages;
  const names = new Set(Object.keys(packages).map((path) => path.split("node_modules/").at(-1)));
  const optional = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies),
  );
  expect(optional.filter((name) => !names.has(name))).toEqual([]);
});

describe("before a script", () => {
  /** Runs the installer in a clone whose `npm` does nothing, as one that runs no install scripts does with those. */
  async function install(): Promise<{ code: number | null; stderr: string; asked: string }> {
    const clone = temporaryFolder();
    const commands = temporaryFolder();
    mkdirSync(join(clone, "local"));
    copyFileSync(new URL("../../local/install.mjs", import.meta.url), join(clone, "local/install.mjs"));
    writeFileSync(join(clone, "package-lock.json"), JSON.stringify({ packages: {} }));
    const asked = join(clone, "asked");
    writeFileSync(join(commands, "npm"), `#!/bin/sh\necho "$@" > ${quoted(asked)}\n`, { mode: 0o755 });
    const env = { PATH: `${commands}${delimiter}${process.env["PATH"]}` };
    const { code, stderr } = await runIn(clone, env, `${quoted(process.execPath)} local/install.mjs`);
    return { code, stderr, asked: existsSync(asked) ? readFileSync(asked, "utf8") : "" };
  }

  test("what is missing is installed, and it is said what to do where npm may not do all of it", async () => {
    const { code, stderr, asked } = await install();
    expect(asked).toBe("ci --loglevel=error\n");
    expect(stderr).toMatch(/\nnpm runs no install scripts here .* Allow it once: npm ci --ignore-scripts=false\n$/);
    expect(code).toBe(1);
  });

  test("npm start and npm test install by themselves: npm leaves their pre-scripts out where it runs none", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    for (const name of ["start", "test"]) expect(scripts[name]).toMatch(/^node local\/install\.mjs && /);
  });
});
