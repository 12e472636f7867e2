import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, ElementHandle, Page } from "playwright-core";
import { temporaryFolder } from "../tests/support/folders.ts";
import { startBrowser } from "../tests/support/page/browser.ts";
import { newVisitor, type Visitor } from "../tests/support/page/visitor.ts";
import { startStack } from "../tests/support/stack.ts";
import { table } from "../tests/support/table.ts";
import { announced } from "../tests/support/uploads.ts";
import { UNLIMITED } from "./environment.ts";
import { median } from "./statistics.ts";

/**
 * A photograph of 10 MB, from the moment at which it is chosen in one chat page to the frame that shows it in the other's log, in
 * milliseconds; and beside it one PUT and one GET of as many bytes, by a `fetch` of the same two browsers.
 */
export interface PagePicture {
  /** Median, sent "as a file": all its bytes go out and come in. */
  readonly pictureMs: number;
  /** Median of the bare PUT and GET. */
  readonly pictureBareMs: number;
  /** Median of each round's first over its second, which are neighbours in time. */
  readonly pictureRatio: number;
  /** Median, sent as pictures are: made smaller before. */
  readonly pictureScaledMs: number;
  readonly pictureTimes: readonly number[];
  readonly pictureBareTimes: readonly number[];
  readonly pictureScaledTimes: readonly number[];
}

const PHOTOGRAPH = { width: 4_000, height: 3_000, bytes: 10_000_000 };
const LOST_MS = 60_000;
export const PICTURE_RATIO = 2;

/** Two chat pages that talk to each other, and the photograph. */
interface World {
  readonly sender: Visitor;
  readonly receiver: Visitor;
  readonly path: string;
  readonly bytes: Uint8Array;
  /** A field of the sender's page that holds it, for the bare PUT. */
  readonly file: ElementHandle;
}

/** The three kinds in turns, each round in another order. */
export async function measurePagePicture(rounds: number): Promise<PagePicture> {
  const stack = await startStack({ env: UNLIMITED });
  try {
    const browser = await startBrowser();
    try {
      return await measure(await worldIn(browser, stack.url), rounds);
    } finally {
      await browser.close();
    }
  } finally {
    await stack.stop();
  }
}

async function worldIn(browser: Browser, url: string): Promise<World> {
  const [sender, receiver] = [await newVisitor(browser, url, "sender"), await newVisitor(browser, url, "receiver")];
  await sender.register();
  await receiver.register();
  await sender.talkTo(receiver.username);
  await receiver.talkTo(sender.username);
  await sender.sendForSure("A picture comes");
  await receiver.message("A picture comes").waitFor();
  await receiver.sendForSure("Yes");
  const bytes = Buffer.from(await sender.page.evaluate(photograph, PHOTOGRAPH), "base64");
  const path = join(temporaryFolder(), "sea.jpg");
  writeFileSync(path, bytes);
  const file = await sender.page.evaluateHandle(() =>
    document.documentElement.appendChild(
      Object.assign(document.createElement("input"), { type: "file", hidden: true }),
    ),
  );
  await file.setInputFiles(path);
  return { sender, receiver, path, bytes, file };
}

async function measure(world: World, rounds: number): Promise<PagePicture> {
  const whole: number[] = [];
  const bare: number[] = [];
  const scaled: number[] = [];
  const kinds = [
    { times: whole, run: () => chosenToShown(world, true) },
    { times: bare, run: () => putAndGet(world) },
    { times: scaled, run: () => chosenToShown(world, false) },
  ];
  // The first round loads what is loaded once.
  for (let round = 0; round <= rounds; round++) {
    if (round === 1) for (const { times } of kinds) times.length = 0;
    for (let turn = 0; turn < kinds.length; turn++) {
      const kind = kinds[(round + turn) % kinds.length];
      kind?.times.push(await kind.run());
    }
  }
  return {
    pictureMs: median(whole),
    pictureBareMs: median(bare),
    pictureRatio: median(whole.map((time, round) => time / (bare[round] ?? Number.NaN))),
    pictureScaledMs: median(scaled),
    pictureTimes: whole,
    pictureBareTimes: bare,
    pictureScaledTimes: scaled,
  };
}

/** A JPEG of this size, as a camera makes one: with noise, so that it has so many bytes. In base64. Runs in a page. */
async function photograph({ width, height, bytes }: typeof PHOTOGRAPH): Promise<string> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("There is no canvas.");
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  let state = 1;
  for (let at = 0; at < pixels.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const grey = 64 + ((at % width) * 128) / width + (state >>> 27);
    pixels[at] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
  context.putImageData(image, 0, 0);
  let best = new Blob();
  for (let [low, high] = [0, 100]; high - low > 1; ) {
    const middle = Math.floor((low + high) / 2);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: middle / 100 });
    if (blob.size <= bytes) [low, best] = [middle, blob];
    else high = middle;
  }
  if (best.size < bytes / 2) throw new Error(`The photograph has ${best.size} bytes only.`);
  // What comes after the end of a JPEG is no part of the picture.
  const exact = new Uint8Array(bytes);
  exact.set(await best.bytes());
  return btoa(exact.reduce((text, byte) => text + String.fromCharCode(byte), ""));
}

/** Sends the photograph without a moment's thought, and looks at it as fast. */
async function chosenToShown({ sender, receiver, path }: World, isWhole: boolean): Promise<number> {
  await sender.button("Attach").waitFor();
  const chosen = sendAtOnce(sender.page, isWhole);
  const shown = nextPicture(receiver.page);
  // Both pages have taken up the request to watch, as they answer in order.
  await Promise.all([sender.page.evaluate(() => 0), receiver.page.evaluate(() => 0)]);
  const choosing = sender.page.getByLabel("Files", { exact: true }).setInputFiles(path);
  const [to, from] = await Promise.all([shown, chosen, choosing]);
  return to - from;
}

/*
 * All contexts of one browser on one machine read the same clock; `timeOrigin` makes it the same for all pages.
 */

/** When a file is chosen. The dialog is answered as soon as it can be. */
const sendAtOnce = (page: Page, isWhole: boolean): Promise<number> =>
  page.evaluate(
    (whole) =>
      new Promise<number>((resolve) => {
        const onChange = ({ timeStamp }: Event) => {
          const observer = new MutationObserver(() => {
            const dialog = document.querySelector("dialog[open]");
            const setting = dialog?.querySelector<HTMLInputElement>("input[type=checkbox]");
            const send = dialog?.querySelector<HTMLElement>("button.primary");
            if (!send || !setting) return;
            observer.disconnect();
            if (whole) setting.click();
            send.click();
            resolve(performance.timeOrigin + timeStamp);
          });
          observer.observe(document, { subtree: true, childList: true, attributes: true });
        };
        document.addEventListener("change", onChange, { capture: true, once: true });
      }),
    isWhole,
  );

/**
 * When one picture more is on the screen, in the log. One that waits for a press, as it is large, is pressed at once. The frame is
 * made to wait for the picture, which may come one later otherwise. `decode()` would not do: it decodes the picture in its full size,
 * which the log never does, and tells nothing of the frame.
 */
const nextPicture = (page: Page): Promise<number> =>
  page.evaluate(
    (limit) =>
      new Promise<number>((resolve, reject) => {
        setTimeout(() => reject(new Error("the picture did not arrive")), limit);
        const pictures = () => [...document.querySelectorAll<HTMLImageElement>("[role=log] .picture img")];
        const before = pictures().length;
        new PerformanceObserver((list, painted) => {
          const [entry] = list.getEntries();
          if (entry === undefined) return;
          painted.disconnect();
          resolve(performance.timeOrigin + entry.startTime);
        }).observe({ type: "element" });
        const observer = new MutationObserver(() => {
          const waiting = [...document.querySelectorAll("[role=log] .picture button")].find((button) =>
            button.textContent?.startsWith("Load picture"),
          );
          if (waiting instanceof HTMLElement) waiting.click();
          const picture = pictures().at(-1);
          if (picture === undefined || pictures().length === before) return;
          observer.disconnect();
          picture.decoding = "sync";
          picture.setAttribute("elementtiming", "picture");
        });
        observer.observe(document, { subtree: true, childList: true });
      }),
    LOST_MS,
  );

/** As many bytes by one PUT of the one browser and one GET of the other. Where to is asked for before. */
async function putAndGet({ sender, receiver, file, bytes }: World): Promise<number> {
  const { fileId, url, headers } = await ask<Place>(sender, "/files", "POST", announced(bytes));
  const put = await file.evaluate(
    async (field, [to, signed]) => {
      const body = (field as HTMLInputElement).files?.item(0) ?? null;
      const from = performance.now();
      const answer = await fetch(to, { method: "PUT", headers: signed, body });
      await answer.text();
      if (!answer.ok) throw new Error(`The store answered ${answer.status}.`);
      return performance.now() - from;
    },
    [url, Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "content-length"))] as const,
  );
  const found = await ask<Pick<Place, "url">>(receiver, `/files/${fileId}`, "GET");
  const get = await receiver.page.evaluate(
    async ([from, length]) => {
      const startedAt = performance.now();
      const answer = await fetch(from, { cache: "no-store" });
      const { byteLength } = await answer.arrayBuffer();
      if (byteLength !== length) throw new Error(`The store answered ${byteLength} bytes.`);
      return performance.now() - startedAt;
    },
    [found.url, bytes.length] as const,
  );
  return put + get;
}

interface Place {
  readonly fileId: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function ask<T>({ page, url }: Visitor, path: string, method: string, body?: object): Promise<T> {
  const stored = await page.evaluate(() => localStorage.getItem("gotalk.session.2") ?? "null");
  const headers = { authorization: `Bearer ${JSON.parse(stored).token}`, "content-type": "application/json" };
  const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return (await answer.json()) as T;
}

export function reportPagePicture(measured: PagePicture): void {
  const { pictureMs, pictureBareMs, pictureRatio, pictureScaledMs } = measured;
  const row = (name: string, ms: number, times: readonly number[]) => [
    name,
    ms,
    Math.max(...times),
    times.length,
    "",
    "",
    "",
  ];
  const rows = [
    row("as a file", pictureMs, measured.pictureTimes),
    row("a bare PUT and GET", pictureBareMs, measured.pictureBareTimes),
    row("made smaller", pictureScaledMs, measured.pictureScaledTimes),
    [
      "as a file / bare",
      pictureRatio,
      "",
      "",
      "at most",
      PICTURE_RATIO,
      pictureRatio <= PICTURE_RATIO ? "ok" : "MISSED",
    ],
  ];
  const head = ["", "median ms", "slowest", "times", "must be", "", ""];
  console.log(table("From choosing a photograph of 10 MB in one browser to seeing it in the other", head, rows));
}
