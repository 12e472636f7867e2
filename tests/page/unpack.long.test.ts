import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { temporaryFolder } from "../support/folders.ts";
import { unpackBrowser } from "../support/page/browser-files.ts";

const run = promisify(execFile);

it.runIf(process.env["CHROME_PATH"] === undefined)(
  "a browser that several unpack at once can be started by each",
  async () => {
    const cache = join(temporaryFolder(), "cache");
    const versions = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const executable = await unpackBrowser(cache);
        // Started as soon as it is there, while others may still unpack.
        return (await run(executable, ["--version", "--no-sandbox"])).stdout;
      }),
    );
    expect(new Set(versions).size).toBe(1);
    expect(readdirSync(cache)).toEqual([expect.stringMatching(/^chromium-\d+\.\d+\.\d+$/)]);
    expect(await unpackBrowser(cache)).toBe(join(cache, String(readdirSync(cache)[0]), "chromium"));
  },
);
