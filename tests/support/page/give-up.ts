import type { Visitor } from "./visitor.ts";

/** A bit longer than any call of the page is repeated: 8 seconds. */
const PAST_MS = 9_000;

/**
 * Does what leads to a call that fails, and moves the page's clock past the time for which the page repeats it. Timers
 * stay as they are: the attempt that is under way gets its own answer, and is the last one.
 *
 * @param path How the path of the call begins.
 */
export async function giveUp({ page }: Visitor, path: string, act: () => Promise<unknown>): Promise<void> {
  const asked = page.waitForRequest((request) => new URL(request.url()).pathname.startsWith(path));
  await Promise.all([asked, act()]);
  await page.evaluate((past) => {
    const now = Date.now;
    Date.now = () => now() + past;
  }, PAST_MS);
}
