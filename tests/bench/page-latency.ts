import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "../support/page/browser.ts";
import { newVisitor, type Visitor } from "../support/page/visitor.ts";
import { newcomer } from "../support/people.ts";
import { startStack } from "../support/stack.ts";
import { table } from "../support/table.ts";
import { median, quantile } from "./statistics.ts";

/** From pressing Send in one browser to the text in the other's document, in milliseconds. */
export interface PageLatency {
  /** Median of the chat page, woken over its WebSocket. */
  readonly latencyMs: number;
  /** Median of a page that asks once a second, as goTalk's did in 2015. */
  readonly latencyPolledMs: number;
  readonly latencyP99Ms: number;
  readonly latencyPolledP99Ms: number;
  /** Polled by live median. */
  readonly latencyRatio: number;
  readonly latencyTimes: readonly number[];
  readonly latencyPolledTimes: readonly number[];
}

const EACH_SECOND_MS = 1_000;
/** Between two messages, in milliseconds: as wide as a poll's period, so that each of its phases is as likely. */
const PAUSE = { from: 300, to: 300 + EACH_SECOND_MS };
const LOST_MS = 20_000;
const BOUNDS = { latencyMs: 150, ratio: 10 };

/** A sender's page that talks to a receiver's. */
interface Pair {
  readonly sender: Visitor;
  readonly receiver: Page;
  readonly times: number[];
  /** Throws unless the message came in the way that is to be measured. */
  check(): void;
}

/** Live and polled messages in turns, in random order and after random pauses, through the whole local stack. */
export async function measurePageLatency(messages: number): Promise<PageLatency> {
  const stack = await startStack();
  try {
    const browser = await startBrowser();
    try {
      const [live, polled] = [await livePair(browser, stack.url), await polledPair(browser, stack.url)];
      // The first one opens the connections and makes the channel's head: not what a conversation waits for.
      for (let message = 0; message <= messages; message++) {
        if (message === 1) for (const { times } of [live, polled]) times.length = 0;
        for (const pair of Math.random() < 0.5 ? [live, polled] : [polled, live]) await exchange(pair, message);
      }
      return summary(live.times, polled.times);
    } finally {
      await browser.close();
    }
  } finally {
    await stack.stop();
  }
}

/** Two chat pages. */
async function livePair(browser: Browser, url: string): Promise<Pair> {
  const receiver = await newVisitor(browser, url, "live");
  let wakes = 0;
  receiver.page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      if (payload === '{"type":"wake"}') wakes++;
    }),
  );
  await receiver.register();
  const sender = await senderTo(browser, url, receiver.username);
  await receiver.talkTo(sender.username);
  return {
    sender,
    receiver: receiver.page,
    times: [],
    check() {
      if (wakes === 0) throw new Error("The page has not been woken: it polls.");
      wakes = 0;
    },
  };
}

/** A chat page, and a plain page that asks once a second with two parameters and appends what it is answered with. */
async function polledPair(browser: Browser, url: string): Promise<Pair> {
  const { id, username, session } = await newcomer(url);
  const sender = await senderTo(browser, url, username);
  const page = await (await browser.newContext()).newPage();
  const address = `${url}/polled`;
  await page.route(address, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><ol role='log'></ol>" }),
  );
  await page.goto(address);
  // Requests that may be intercepted are slower.
  await page.unroute(address);
  await page.evaluate(
    ([token, userId, period]) => {
      const sync = async () => {
        const response = await fetch("/sync", { method: "POST", body: new URLSearchParams({ token, id: userId }) });
        const { messages } = (await response.json()) as { messages: { content: string }[] };
        for (const { content } of messages) {
          const line = document.createElement("li");
          line.textContent = content;
          document.querySelector("[role=log]")?.append(line);
        }
      };
      setInterval(() => void sync(), period);
    },
    [session.token, id, EACH_SECOND_MS] as const,
  );
  return { sender, receiver: page, times: [], check: () => {} };
}

/** A new user's chat page, with the conversation open. */
async function senderTo(browser: Browser, url: string, username: string): Promise<Visitor> {
  const sender = await newVisitor(browser, url, "sender");
  await sender.register();
  await sender.talkTo(username);
  return sender;
}

async function exchange(pair: Pair, message: number): Promise<void> {
  const { sender, receiver, times, check } = pair;
  await sleep(PAUSE.from + Math.random() * (PAUSE.to - PAUSE.from));
  const content = `Message number ${message}.`;
  await sender.box.fill(content);
  const pressed = pressOfSend(sender.page);
  const arrived = arrivalOf(receiver, content);
  // Both pages have taken up the request to watch, as they answer in order.
  await Promise.all([sender.page.evaluate(() => 0), receiver.evaluate(() => 0)]);
  await sender.button("Send").click();
  times.push((await arrived) - (await pressed));
  check();
}

/*
 * All contexts of one browser on one machine read the same clock; `timeOrigin` makes it the same for all pages.
 */

/** When the button is pressed. */
const pressOfSend = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const onClick = ({ timeStamp }: Event) => resolve(performance.timeOrigin + timeStamp);
        document.addEventListener("click", onClick, { capture: true, once: true });
      }),
  );

/** When the text stands in the log. */
const arrivalOf = (page: Page, content: string): Promise<number> =>
  page.evaluate(
    ([text, limit]) =>
      new Promise<number>((resolve, reject) => {
        setTimeout(() => reject(new Error(`it did not arrive: ${text}`)), limit);
        const observer = new MutationObserver(() => {
          if (!document.querySelector("[role=log]")?.textContent?.includes(text)) return;
          resolve(performance.timeOrigin + performance.now());
          observer.disconnect();
        });
        observer.observe(document, { subtree: true, childList: true, characterData: true });
      }),
    [content, LOST_MS] as const,
  );

function summary(live: readonly number[], polled: readonly number[]): PageLatency {
  return {
    latencyMs: median(live),
    latencyPolledMs: median(polled),
    latencyP99Ms: quantile(live, 0.99),
    latencyPolledP99Ms: quantile(polled, 0.99),
    latencyRatio: median(polled) / median(live),
    latencyTimes: live,
    latencyPolledTimes: polled,
  };
}

export function reportPageLatency(measured: PageLatency): void {
  const { latencyMs, latencyP99Ms, latencyPolledMs, latencyPolledP99Ms, latencyRatio } = measured;
  const mark = (isMet: boolean): string => (isMet ? "ok" : "MISSED");
  const head = ["", "median ms", "p99", "messages", "must be", "", ""];
  const rows = [
    [
      "live",
      latencyMs,
      latencyP99Ms,
      measured.latencyTimes.length,
      "below",
      BOUNDS.latencyMs,
      mark(latencyMs < BOUNDS.latencyMs),
    ],
    ["polled each second", latencyPolledMs, latencyPolledP99Ms, measured.latencyPolledTimes.length, "", "", ""],
    ["polled / live", latencyRatio, "", "", "at least", BOUNDS.ratio, mark(latencyRatio >= BOUNDS.ratio)],
  ];
  console.log(table("From pressing Send in one browser to the text in the other", head, rows));
}
