import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { startBrowser } from "../tests/support/page/browser.ts";
import { newVisitor, type Visitor } from "../tests/support/page/visitor.ts";
import { newcomer } from "../tests/support/people.ts";
import { startStack } from "../tests/support/stack.ts";
import { table } from "../tests/support/table.ts";
import { median, quantile } from "./statistics.ts";

/** From pressing Send in one browser to the text in the other's document, in milliseconds. */
export interface PageLatency {
  /** Median of the chat page, which gets the message in a frame of its WebSocket. */
  readonly latencyMs: number;
  /** Median of the chat page that takes such a frame for a wake, and syncs. */
  readonly latencyWokenMs: number;
  /** Median of a page that asks once a second, as goTalk's did in 2015. */
  readonly latencyPolledMs: number;
  readonly latencyP99Ms: number;
  readonly latencyWokenP99Ms: number;
  readonly latencyPolledP99Ms: number;
  /** With previews by without them. */
  readonly latencyPreviewRatio: number;
  /** Polled by live median. */
  readonly latencyRatio: number;
  readonly latencyTimes: readonly number[];
  readonly latencyWokenTimes: readonly number[];
  readonly latencyPolledTimes: readonly number[];
  /** Of two people who write to each other every 2 seconds, each in a chat page. */
  readonly syncsPerMessage: number;
  /** Of the same two people: messages of the types `delivered` and `read`. */
  readonly receiptsPerMessage: number;
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

/** Messages in all ways in turns, in random order and after random pauses, through the whole local stack. */
export async function measurePageLatency(messages: number, turns: number): Promise<PageLatency> {
  const stack = await startStack();
  try {
    const browser = await startBrowser();
    try {
      const live = await livePair(browser, stack.url, true);
      const woken = await livePair(browser, stack.url, false);
      const polled = await polledPair(browser, stack.url);
      const pairs = [live, woken, polled];
      // The first one opens the connections and makes the channel's head: not what a conversation waits for.
      for (let message = 0; message <= messages; message++) {
        if (message === 1) for (const { times } of pairs) times.length = 0;
        for (const pair of shuffled(pairs)) await exchange(pair, message);
      }
      for (const { sender, receiver } of pairs) await Promise.all([sender.context.close(), receiver.context().close()]);
      return {
        ...summary(live.times, woken.times, polled.times),
        ...(await measureConversation(browser, stack.url, turns)),
      };
    } finally {
      await browser.close();
    }
  } finally {
    await stack.stop();
  }
}

const shuffled = <T>(all: readonly T[]): T[] =>
  all
    .map((one) => [Math.random(), one] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, one]) => one);

/** Has the page read a frame with a message as a wake, as an earlier version of the page would. */
function withoutPreviews(): void {
  const { get } = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data") ?? {};
  Object.defineProperty(MessageEvent.prototype, "data", {
    configurable: true,
    get() {
      const data: unknown = get?.call(this);
      return typeof data === "string" && data.startsWith('{"type":"message"') ? '{"type":"wake"}' : data;
    },
  });
}

/** Two chat pages. */
async function livePair(browser: Browser, url: string, hasPreviews: boolean): Promise<Pair> {
  const before = (context: BrowserContext) =>
    hasPreviews ? Promise.resolve() : context.addInitScript(withoutPreviews);
  const receiver = await newVisitor(browser, url, "live", { before });
  let previews = 0;
  receiver.page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      if (String(payload).startsWith('{"type":"message"')) previews++;
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
      if (previews === 0) throw new Error("No frame has come to the page: it polls.");
      previews = 0;
    },
  };
}

/** Milliseconds between two messages of one person. */
const TURN_MS = 2_000;
/** Milliseconds until the last message is acknowledged. */
const SETTLED_MS = 16_000;

const RECEIPTS: readonly unknown[] = ["delivered", "read"];

/** What two chat pages ask for beside each message, what acknowledges and confirms the last one included. */
async function measureConversation(browser: Browser, url: string, turns: number) {
  const [alice, bob] = [await newVisitor(browser, url, "alice"), await newVisitor(browser, url, "bob")];
  await alice.register();
  await bob.register();
  await alice.talkTo(bob.username);
  await bob.talkTo(alice.username);
  let syncs = 0;
  let receipts = 0;
  for (const { page } of [alice, bob]) {
    page.on("request", (request) => {
      if (request.url().endsWith("/sync")) syncs++;
      if (request.url().endsWith("/send") && RECEIPTS.includes(request.postDataJSON()?.type)) receipts++;
    });
  }
  const write = async (from: Visitor, to: Visitor): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) {
      const pause = sleep(TURN_MS);
      await from.send(`${from.username} ${turn}`);
      await to.message(`${from.username} ${turn}`).waitFor();
      await pause;
    }
  };
  await Promise.all([write(alice, bob), sleep(TURN_MS / 2).then(() => write(bob, alice))]);
  await sleep(SETTLED_MS);
  return { syncsPerMessage: syncs / (2 * turns), receiptsPerMessage: receipts / (2 * turns) };
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

function summary(live: readonly number[], woken: readonly number[], polled: readonly number[]) {
  return {
    latencyMs: median(live),
    latencyWokenMs: median(woken),
    latencyPolledMs: median(polled),
    latencyP99Ms: quantile(live, 0.99),
    latencyWokenP99Ms: quantile(woken, 0.99),
    latencyPolledP99Ms: quantile(polled, 0.99),
    latencyPreviewRatio: median(live) / median(woken),
    latencyRatio: median(polled) / median(live),
    latencyTimes: live,
    latencyWokenTimes: woken,
    latencyPolledTimes: polled,
  };
}

export function reportPageLatency(measured: PageLatency): void {
  const { latencyMs, latencyP99Ms, latencyRatio } = measured;
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
    [
      "without previews",
      measured.latencyWokenMs,
      measured.latencyWokenP99Ms,
      measured.latencyWokenTimes.length,
      "",
      "",
      "",
    ],
    [
      "polled each second",
      measured.latencyPolledMs,
      measured.latencyPolledP99Ms,
      measured.latencyPolledTimes.length,
      "",
      "",
      "",
    ],
    ["polled / live", latencyRatio, "", "", "at least", BOUNDS.ratio, mark(latencyRatio >= BOUNDS.ratio)],
  ];
  console.log(table("From pressing Send in one browser to the text in the other", head, rows));
}
