import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../../../node_modules/@sparticuz/chromium/package.json", import.meta.url));

/**
 * The package unpacks into the folder for temporary files, and leaves alone what is there: in a process of its own it
 * has another one.
 */
const UNPACK = 'await (await import("@sparticuz/chromium")).default.executablePath()';

/**
 * Unpacks the Chromium that comes as a package (Linux x64), unless this version is unpacked. Takes some seconds.
 *
 * It becomes visible whole: two processes at once must not write what the other starts (ETXTBSY).
 *
 * @param cache The folder that keeps it; a test has its own.
 * @returns The path of its executable.
 */
export async function unpackBrowser(cache = CACHE): Promise<string> {
  const { version } = JSON.parse(readFileSync(PACKAGE, "utf8")) as { version: string };
  const place = join(cache, `chromium-${version}`);
  const executable = join(place, "chromium");
  if (existsSync(executable)) return executable;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(`${place}-`);
  try {
    const env = { ...process.env, TMPDIR: fresh };
    await run(process.execPath, ["--input-type=module", "--eval", UNPACK], {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      env,
    });
    renameSync(fresh, place);
  } catch (error) {
    // Another process was a moment faster, with the same files.
    if (!existsSync(executable)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return executable;
}
