import type { Page, Request } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Batch, Client } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { framesTo } from "../support/page/frames.ts";
import { show, showFrame } from "../support/page/show.ts";
import { setHidden } from "../support/page/visibility.ts";
import type { VisitOptions, Visitor } from "../support/page/visitor.ts";

/** The frames that bear a message, from now on. */
function previewsTo(visitor: Visitor): () => string[] {
  const frames = framesTo(visitor);
  return () => frames.filter((frame) => frame.startsWith('{"type":"message"'));
}

/** Counts the syncs of a tab from now on. */
function countSyncs({ page }: Visitor): () => number {
  let count = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/sync")) count++;
  });
  return () => count;
}

/** Holds the page's syncs back until it is told to let them through. Then it answers with what the first one of them got. */
async function holdSyncs(page: Page): Promise<() => Promise<Pick<Batch, "messages">>> {
  const { promise: isOpen, resolve: open } = Promise.withResolvers<void>();
  const { promise: first, resolve: onFirst } = Promise.withResolvers<Pick<Batch, "messages">>();
  await page.route("**/sync", async (route) => {
    await isOpen;
    // The page may have been left meanwhile.
    const response = await route.fetch().catch(() => undefined);
    if (response === undefined) return;
    if (response.ok()) onFirst(await response.json());
    await route.fulfill({ response }).catch(() => undefined);
  });
  return () => {
    open();
    return first;
  };
}

/** Keeps the page's WebSockets where a test can say something on them. */
function keepSockets(): void {
  const all: WebSocket[] = [];
  Object.assign(globalThis, { sockets: all });
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      all.push(this);
    }
  };
}

/** A page whose clock a test can stop. */
const withClock: VisitOptions = { before: (context) => context.clock.install() };

/**
 * From now on no timer of the page runs: what it does, it does at once, however slow the machine is. A sync that was due may
 * bring a message in the place of its frame, so the first one is sent here.
 */
async function stopClock(visitor: Visitor, send: (content: string) => Promise<unknown>): Promise<void> {
  const { page } = visitor;
  const syncs = new Set<Request>();
  page.on("request", (request) => {
    if (request.url().endsWith("/sync")) syncs.add(request);
  });
  page.on("requestfinished", (request) => void syncs.delete(request));
  page.on("requestfailed", (request) => void syncs.delete(request));
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 60_000);
  await show(visitor, send, "The clock stands still");
  await eventually(() => expect(syncs.size).toBe(0));
}

/** Notes the requests that a page makes once it is being left. */
function noteLeaving(): void {
  let isLeaving = false;
  addEventListener("pagehide", () => {
    isLeaving = true;
  });
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    if (isLeaving) localStorage.setItem("leaving", `${input}, keepalive: ${init?.keepalive}`);
    return original(input, init);
  };
}

/** Says something to the page, as its server does. */
const tell = ({ page }: Visitor, frame: string): Promise<void> =>
  page.evaluate((data) => {
    const { sockets } = globalThis as unknown as { sockets: WebSocket[] };
    sockets.at(-1)?.onmessage?.(new MessageEvent("message", { data }));
  }, frame);

/** Sends a message. @returns its frame, which may never come by itself */
async function sendFramed(from: Client, to: string, content: string): Promise<string> {
  const { messageId, sentAt } = await from.send({ to, content });
  const { id: senderId, username: senderName } = from.session ?? {};
  const message = { messageId, senderId, senderName, content, sentAt, redelivered: false };
  return JSON.stringify({ type: "message", message });
}

/** Has the page hear nothing of what its server says. */
const deafen = ({ page }: Visitor): Promise<void> =>
  page.evaluate(() => {
    const { sockets } = globalThis as unknown as { sockets: WebSocket[] };
    const socket = sockets.at(-1);
    if (socket === undefined) return;
    const hear = socket.onmessage;
    socket.onmessage = null;
    // For the test alone: the browser does not see it.
    Object.defineProperty(socket, "onmessage", { value: hear });
  });

describe("a message in a frame", () => {
  const { visitor, client } = usePage();

  it("shows before any request, and the sync that settles it shows and counts nothing twice", async () => {
    const [bob, alice] = await Promise.all([visitor("bob"), client("alice")]);
    const to = (await alice.find(bob.username)).id;
    const previews = previewsTo(bob);
    await bob.page.reload();
    await bob.live();
    const letThrough = await holdSyncs(bob.page);
    const sent: string[] = [];
    const send = (content: string) => {
      sent.push(content);
      return alice.send({ to, content });
    };
    await show(bob, send, "At once");
    await eventually(() => bob.conversations.getByText(`${previews().length} unread`).waitFor({ timeout: 1_000 }));
    expect((await letThrough()).messages.map(({ content }) => content)).toEqual(sent);
    await send("And again");
    await bob.conversations.getByText("And again").waitFor();
    await bob.conversations.getByText(`${sent.length} unread`).waitFor();
    await bob.conversations.getByRole("button", { name: alice.session?.username ?? "" }).click();
    await bob.message("And again").waitFor();
    await bob.page.reload();
    await bob.message("And again").waitFor();
    expect(await bob.texts()).toEqual(sent);
  });

  it("causes one sync for all that come within 5 seconds, and none before", async () => {
    const [bob, alice] = await Promise.all([visitor("bob"), client("alice")]);
    const to = (await alice.find(bob.username)).id;
    await bob.live();
    const syncs = countSyncs(bob);
    const begun = performance.now();
    const settled = bob.page.waitForResponse("**/sync");
    for (const content of ["One", "Two", "Three"]) await alice.send({ to, content });
    await bob.conversations.getByText("Three").waitFor();
    await bob.conversations.getByText("3 unread").waitFor();
    // Its own poll may come first, 3 seconds after it connected at the earliest.
    expect(syncs()).toBeLessThanOrEqual(1 + Math.floor((performance.now() - begun) / 2_500));
    await settled;
    expect(await bob.page.title()).toBe("(3) goTalk");
  });

  it("is settled at once when the page is hidden", async () => {
    const [bob, alice] = await Promise.all([visitor("bob", withClock), client("alice")]);
    const to = (await alice.find(bob.username)).id;
    const send = (content: string) => alice.send({ to, content });
    await bob.live();
    await stopClock(bob, send);
    await show(bob, send, "Before you go");
    const asked = bob.page.waitForRequest("**/sync");
    await setHidden(bob, true);
    expect((await asked).method()).toBe("POST");
  });

  it("is settled at once when the page is about to be left, though the browser has not said that it is hidden", async () => {
    const [bob, alice] = await Promise.all([visitor("bob", withClock), client("alice")]);
    const to = (await alice.find(bob.username)).id;
    const send = (content: string) => alice.send({ to, content });
    await bob.live();
    await stopClock(bob, send);
    await show(bob, send, "Before you go");
    const asked = bob.page.waitForRequest("**/sync");
    await bob.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
    expect((await asked).method()).toBe("POST");
  });

  it("is settled when the page is left, by a request that outlives it", async () => {
    const [bob, alice] = await Promise.all([
      visitor("bob", { before: (context) => context.addInitScript(noteLeaving) }),
      client("alice"),
    ]);
    const to = (await alice.find(bob.username)).id;
    let sent = 0;
    // A sync may have brought it, and not a frame.
    await eventually(async () => {
      await bob.live();
      const content = `Before you go ${++sent}`;
      await alice.send({ to, content });
      await bob.conversations.getByText(content).waitFor();
      await bob.page.reload();
      await bob.conversations.getByText(`${sent} unread`).waitFor();
      expect(await bob.page.evaluate(() => localStorage.getItem("leaving"))).toBe("/sync, keepalive: true");
    });
  });

  it("that comes twice, garbled, forged or late changes nothing", async () => {
    const [bob, alice] = await Promise.all([
      visitor("bob", { before: (context) => context.addInitScript(keepSockets) }),
      client("alice"),
    ]);
    await bob.live();
    const to = (await alice.find(bob.username)).id;
    const frame = await sendFramed(alice, to, "Only once");
    await tell(bob, frame);
    await bob.conversations.getByText("1 unread").waitFor();
    await tell(bob, frame);
    const woken = bob.page.waitForResponse("**/sync");
    for (const garbled of [
      "{",
      "null",
      '{"type":"message"}',
      '{"type":"message","message":[]}',
      frame.replace('"senderId"', '"sender"'),
      frame.replace('"redelivered":false', '"redelivered":"no"'),
    ]) {
      await tell(bob, garbled);
    }
    // Each garbled one is a wake.
    await woken;
    await tell(bob, frame);
    await alice.send({ to, content: "And another" });
    await bob.conversations.getByText("2 unread").waitFor();
    await bob.conversations.getByRole("button", { name: alice.session?.username ?? "" }).click();
    await bob.message("And another").waitFor();
    expect(await bob.texts()).toEqual(["Only once", "And another"]);
  });

  it("that comes out of order ends up in its place, and what was lost comes by the sync", async () => {
    const [bob, alice] = await Promise.all([
      visitor("bob", { before: (context) => context.addInitScript(keepSockets) }),
      client("alice"),
    ]);
    await bob.live();
    const to = (await alice.find(bob.username)).id;
    await alice.send({ to, content: "The first" });
    await bob.conversations.getByRole("button", { name: alice.session?.username ?? "" }).click();
    await bob.message("The first").waitFor();
    await deafen(bob);
    await alice.send({ to, content: "The second" });
    const third = await sendFramed(alice, to, "The third");
    const fourth = await sendFramed(alice, to, "The fourth");
    await tell(bob, fourth);
    await tell(bob, third);
    // A sync may have brought some of them before.
    for (const text of ["The fourth", "The third", "The second"]) await bob.message(text).waitFor();
    expect(await bob.texts()).toEqual(["The first", "The second", "The third", "The fourth"]);
  });

  it("comes to the tab that leads, and all tabs show it once", async () => {
    const [first, alice] = await Promise.all([visitor("bob"), client("alice")]);
    const second = await first.openTab();
    const previews = [first, second].map(previewsTo);
    for (const tab of [first, second]) {
      await tab.page.reload();
      await tab.connected();
    }
    await eventually(() => expect(first.isLive || second.isLive).toBe(true));
    const to = (await alice.find(first.username)).id;
    const frames = () => previews.flatMap((one) => one());
    let sent = 0;
    await showFrame(frames, () => {
      sent++;
      return alice.send({ to, content: "To both" });
    });
    for (const tab of [first, second]) {
      await tab.conversations.getByText("To both").waitFor();
      await tab.conversations.getByText(`${sent} unread`).waitFor();
    }
    expect(frames()).toEqual([...new Set(frames())]);
  });
});
