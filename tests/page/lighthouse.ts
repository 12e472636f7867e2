/** Lets Lighthouse judge the built page on a local stack, `node tests/page/lighthouse.ts`: fails below 95 of 100. */
import lighthouse, { desktopConfig } from "lighthouse";
import { startBrowser } from "../support/page/browser.ts";
import { freePort } from "../support/ports.ts";
import { startStack } from "../support/stack.ts";

const LEAST = 95;
const CATEGORIES = ["performance", "accessibility", "best-practices"];

const port = await freePort();
const [stack, browser] = await Promise.all([startStack(), startBrowser([`--remote-debugging-port=${port}`])]);
let isGood = true;
try {
  for (const formFactor of ["mobile", "desktop"] as const) {
    const config = formFactor === "desktop" ? desktopConfig : undefined;
    const result = await lighthouse(stack.url, { port, onlyCategories: CATEGORIES, logLevel: "error" }, config);
    for (const [id, { score }] of Object.entries(result?.lhr.categories ?? {})) {
      const points = Math.round(100 * (score ?? 0));
      isGood &&= points >= LEAST;
      process.stdout.write(`${formFactor.padEnd(8)} ${id.padEnd(15)} ${points}\n`);
    }
    for (const { id, score, title } of Object.values(result?.lhr.audits ?? {})) {
      if (score !== null && score < 0.9) process.stdout.write(`  ${score} ${id}: ${title}\n`);
    }
  }
} finally {
  await browser.close();
  await stack.stop();
}
process.exitCode = isGood ? 0 : 1;
