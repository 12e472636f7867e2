import type { Browser, Page } from "playwright-core";
import { startBrowser } from "../tests/support/page/browser.ts";
import { seedHistory } from "../tests/support/page/history.ts";
import { newVisitor, type Visitor } from "../tests/support/page/visitor.ts";
import { newcomer } from "../tests/support/people.ts";
import { startStack } from "../tests/support/stack.ts";
import { table } from "../tests/support/table.ts";
import { median } from "./statistics.ts";

/** From the click on a conversation to the frame that shows its newest message, in milliseconds. */
export interface PageOpening {
  /** Median, of a conversation of 10,000 messages with 2,000 edits and reactions. */
  readonly openMs: number;
  readonly openSlowestMs: number;
  /** Median, of one of 100 messages with 20 edits and reactions. */
  readonly openSmallMs: number;
  readonly openTimes: readonly number[];
  readonly openSmallTimes: readonly number[];
}

const LARGE = { messages: 10_000, said: 2_000 };
const SMALL = { messages: 100, said: 20 };
const LOST_MS = 20_000;
export const OPEN_MS = 200;

/** A conversation in the list. */
interface Conversation {
  readonly name: string;
  readonly newest: string;
  readonly times: number[];
}

/** Opens the one and the other in turns. */
export async function measurePageOpening(rounds: number): Promise<PageOpening> {
  const stack = await startStack();
  try {
    const browser = await startBrowser();
    try {
      return await measure(browser, stack.url, rounds);
    } finally {
      await browser.close();
    }
  } finally {
    await stack.stop();
  }
}

async function measure(browser: Browser, url: string, rounds: number): Promise<PageOpening> {
  const visitor = await newVisitor(browser, url, "reader");
  await visitor.register();
  const large = await conversation(visitor, url, LARGE);
  const small = await conversation(visitor, url, SMALL);
  // The first round loads what is loaded once.
  for (let round = 0; round <= rounds; round++) {
    if (round === 1) for (const { times } of [large, small]) times.length = 0;
    for (const one of [large, small]) one.times.push(await open(visitor, one));
  }
  return {
    openMs: median(large.times),
    openSlowestMs: Math.max(...large.times),
    openSmallMs: median(small.times),
    openTimes: large.times,
    openSmallTimes: small.times,
  };
}

async function conversation(visitor: Visitor, url: string, { messages, said }: typeof LARGE): Promise<Conversation> {
  const peer = await newcomer(url);
  await seedHistory(visitor, peer.client, messages, Date.now(), said);
  return { name: peer.username, newest: `old ${messages - 1}`, times: [] };
}

async function open(visitor: Visitor, { name, newest }: Conversation): Promise<number> {
  const shown = timeUntilShown(visitor.page, newest);
  // The page has taken up the request to watch, as it answers in order.
  await visitor.page.evaluate(() => 0);
  await visitor.conversations.getByRole("button", { name }).click();
  return shown;
}

/** From the next click to the frame after the one in which the newest message of the log has this text. */
const timeUntilShown = (page: Page, newest: string): Promise<number> =>
  page.evaluate(
    ([text, limit]) =>
      new Promise<number>((resolve, reject) => {
        setTimeout(() => reject(new Error(`it was not shown: ${text}`)), limit);
        const isShown = () => [...document.querySelectorAll("[role=log] .text")].at(-1)?.textContent === text;
        const onClick = ({ timeStamp }: Event) => {
          const onFrame = () => {
            if (isShown()) requestAnimationFrame(() => resolve(performance.now() - timeStamp));
            else requestAnimationFrame(onFrame);
          };
          requestAnimationFrame(onFrame);
        };
        document.addEventListener("click", onClick, { capture: true, once: true });
      }),
    [newest, LOST_MS] as const,
  );

export function reportPageOpening(measured: PageOpening): void {
  const { openMs, openSlowestMs, openSmallMs, openTimes, openSmallTimes } = measured;
  const mark = openMs < OPEN_MS ? "ok" : "MISSED";
  const rows = [
    ["of 10,000", openMs, openSlowestMs, openTimes.length, "below", OPEN_MS, mark],
    ["of 100", openSmallMs, Math.max(...openSmallTimes), openSmallTimes.length, "", "", ""],
  ];
  const head = ["", "median ms", "slowest", "times", "must be", "", ""];
  console.log(table("From the click on a conversation to its newest message", head, rows));
}
