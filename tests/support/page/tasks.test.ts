import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { sharedBrowser } from "../shared/index.ts";
import { cpuTimeOfTasks } from "./tasks.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterAll(() => browser?.close());

async function newPage() {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  return { context, page: await context.newPage() };
}

type Opened = Awaited<ReturnType<typeof newPage>>;

/** A task that takes long, however fast the machine is. */
const workHard = ({ page }: Opened): Promise<void> =>
  page.evaluate(() => {
    let sum = 0;
    for (let step = 0; step < 200_000_000; step++) sum += step % 7;
    document.title = String(sum);
  });

const longestOf = (tasks: readonly number[]): number => Math.max(...tasks);

it("counts what the page does, and not what another page of the browser does", async () => {
  const [one, other] = [await newPage(), await newPage()];
  const ofAnother = longestOf(await cpuTimeOfTasks(one, () => workHard(other)));
  const own = longestOf(await cpuTimeOfTasks(one, () => workHard(one)));
  expect(ofAnother).toBeLessThan(own / 4);
});

it("waits until another measurement has ended", async () => {
  const [one, other] = [await newPage(), await newPage()];
  const measured = await Promise.all([one, other].map((page) => cpuTimeOfTasks(page, () => workHard(page))));
  for (const tasks of measured) expect(tasks.length).toBeGreaterThan(0);
});

it("leaves nothing on that keeps the next measurement waiting when the work fails", async () => {
  const page = await newPage();
  const failing = cpuTimeOfTasks(page, () => Promise.reject(new Error("failed")));
  await expect(failing).rejects.toThrow("failed");
  expect((await cpuTimeOfTasks(page, () => workHard(page))).length).toBeGreaterThan(0);
});
