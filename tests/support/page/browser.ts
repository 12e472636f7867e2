import sparticuz from "@sparticuz/chromium";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";
import { unpackBrowser } from "./browser-files.ts";

/**
 * What the package switches on for Lambda, and what would make this browser unlike the ones of people. Among it is a graphics
 * card that the processor emulates: it took a quarter of the time from Send to the text in the other browser.
 */
const UNLIKE = new Set([
  "--single-process",
  "--no-zygote",
  "--disable-web-security",
  "--allow-running-insecure-content",
  "--disable-site-isolation-trials",
  "--in-process-gpu",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
]);

/** A microphone that beeps once a second, in place of the machine's. Every page may use it: a headless browser cannot ask. */
const MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/** How to start the Chromium that comes as a package (Linux x64), or the one that `CHROME_PATH` names. */
export async function launchOptions(args: readonly string[] = []): Promise<LaunchOptions> {
  return {
    executablePath: process.env["CHROME_PATH"] ?? (await unpackBrowser()),
    headless: true,
    args: [...sparticuz.args.filter((argument) => !UNLIKE.has(argument)), "--disable-gpu", ...MICROPHONE, ...args],
  };
}

/** Starts a browser of one's own. */
export const startBrowser = async (args: readonly string[] = []): Promise<Browser> =>
  chromium.launch(await launchOptions(args));
