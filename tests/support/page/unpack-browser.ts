import { unpackBrowser } from "./browser-files.ts";

/** Before all tests: unpacks the browser, so that no two workers do so at once. */
export default async function prepareBrowser(): Promise<void> {
  if (process.env["CHROME_PATH"] === undefined) await unpackBrowser();
}
