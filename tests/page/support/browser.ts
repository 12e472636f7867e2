import sparticuz from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/** What the package switches on for Lambda, and what would make this browser unlike the ones of people. */
const UNLIKE = new Set([
  "--single-process",
  "--no-zygote",
  "--disable-web-security",
  "--allow-running-insecure-content",
  "--disable-site-isolation-trials",
]);

/** Starts the Chromium that comes as a package (Linux x64), or the one that `CHROME_PATH` names. */
export async function startBrowser(args: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env["CHROME_PATH"] ?? (await sparticuz.executablePath());
  return chromium.launch({
    executablePath,
    headless: true,
    args: [...sparticuz.args.filter((argument) => !UNLIKE.has(argument)), ...args],
  });
}
