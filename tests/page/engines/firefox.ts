import puppeteer, { type Page } from "puppeteer-core";
import type { Browser, Engine, Window } from "./engine.ts";
import { program } from "./programs.ts";

const executablePath = process.env["FIREFOX_PATH"] ?? program("firefox-esr", "firefox");

/** A microphone that hums, in place of the machine's, and that every page may use. */
const MICROPHONE = { "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true };

/** Firefox over WebDriver BiDi. Each window has a context of its own, as containers have. */
export const firefox: Engine = {
  name: "Firefox",
  missing: executablePath === undefined ? "firefox-esr" : undefined,
  start: () => startFirefox(MICROPHONE),
};

/** @param extraPrefsFirefox What `about:config` has. */
export async function startFirefox(
  extraPrefsFirefox: Readonly<Record<string, string | number | boolean>> = {},
): Promise<Browser> {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: executablePath ?? "",
    extraPrefsFirefox,
  });
  return {
    newWindow: async () => windowOf(await (await browser.createBrowserContext()).newPage({ type: "window" })),
    stop: () => browser.close(),
  };
}

const windowOf = (page: Page): Window => ({
  open: async (url) => void (await page.goto(url)),
  reload: async () => void (await page.reload()),
  run: (script, ...values) => page.evaluate(script as never, ...values),
  async click(find, ...values) {
    const found = await page.evaluateHandle(find as unknown as (...all: unknown[]) => Element, ...values);
    await found.click();
    await found.dispose();
  },
  type: (text) => page.keyboard.type(text),
  async press(key) {
    // Firefox lets a key press a button only in the window that is in front.
    await page.bringToFront();
    await page.keyboard.press(key);
  },
  resize: (width, height) => page.setViewport({ width, height }),
  screenshot: () => page.screenshot(),
});
