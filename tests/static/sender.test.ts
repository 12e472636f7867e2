import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { Client, MessageIds } from "../../lib/client/index.ts";
import { Sender } from "../../static/src/chat/sender.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { outboxOf } from "../../static/src/storage/outbox.ts";
import { storeOwnChanges } from "../../static/src/storage/own-changes.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { eventually } from "../support/eventually.ts";
import { ME, text } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";
import { problemText } from "../support/problem-text.ts";

const USER = { id: ME, username: ME };
const DAY = 86_400_000;
const SESSION = { token: "token", ...USER, receipt: "receipt", expiresAt: "never" };

let database: Database;
beforeEach(async () => {
  database = await newDatabase();
  await storeBatch(database, ME, [text("1", "bob")], { receipt: "receipt-1", recent: [] });
});

/** The time in an id, which is a UUIDv7. */
const timeOf = (id: string): number => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);

/** A server that refuses ids from the future, or each id, and what it was sent. */
function server(isRefused = (id: string) => timeOf(id) > Date.now() + 60_000) {
  const tried: { messageId: string; type: string; content: string }[] = [];
  const serverTime = new Date().toISOString();
  const sent = (messageId: string) => ({ messageId, sentAt: serverTime, status: "queued" });
  const answer = async (_: unknown, init?: RequestInit) => {
    const body = JSON.parse(String(init?.body));
    tried.push(body);
    if (!isRefused(body.messageId)) return Response.json(sent(body.messageId), { status: 202 });
    const headers = { "content-type": "application/problem+json" };
    return new Response(problemText(400, "message_id_time", { serverTime }), { status: 400, headers });
  };
  return {
    tried,
    client: new Client({
      url: "http://localhost",
      session: SESSION,
      fetch: answer,
      live: false,
      retry: { giveUpAfter: 0 },
    }),
  };
}

/** Sends what waits, as a page does that has just been loaded. */
async function sendAll(client: Client): Promise<void> {
  const life = new AbortController();
  onTestFinished(() => life.abort());
  const sender = new Sender({
    ...{ client, database, user: USER },
    isOffline: () => false,
    onSent: () => undefined,
    onChange: () => undefined,
    onUnknownGroup: () => undefined,
    onUpload: () => undefined,
    onExpired: () => expect.fail("the session is not over"),
  });
  await sender.kick(life.signal);
  await eventually(async () => expect(await outboxOf(database)).toEqual([]));
}

/**
 * Mutes a conversation so many milliseconds from now. An attempt to tell that may have been made before the page was left.
 *
 * @returns the id of the message that says so
 */
async function muteIn(ahead: number): Promise<string> {
  vi.stubGlobal("navigator", { ...navigator, onLine: true });
  onTestFinished(() => void vi.unstubAllGlobals());
  const ids = new MessageIds({ now: () => Date.now() + ahead });
  const changes = { bob: { muted: true } };
  const [, [message]] = await storeOwnChanges(database, USER, changes, (after) => ids.next(after));
  expect(message?.mayHaveArrived).toBe(true);
  return message?.messageId ?? "";
}

it("a setting from the future, which the server cannot have, goes out under a new id, and counts here by that", async () => {
  const refused = await muteIn(DAY);
  const { tried, client } = server();
  await sendAll(client);
  const [first, ...others] = tried.map(({ messageId }) => messageId);
  const last = others.at(-1) ?? "";
  expect(first).toBe(refused);
  expect(timeOf(last)).toBeLessThan(Date.now() + 60_000);
  expect(tried.at(-1)).toMatchObject({ type: "own", content: JSON.stringify({ bob: { muted: true } }) });
  expect((await database.get("folded", "bob"))?.own?.["muted"]).toMatchObject({ value: true, messageId: last });
});

it("a setting whose new id is refused, too, is given up", async () => {
  await muteIn(DAY);
  const { tried, client } = server(() => true);
  await sendAll(client);
  expect(tried.length).toBeGreaterThan(1);
});

it("a setting from so long ago that nobody knows whether it arrived is told again, as old as it is", async () => {
  const refused = await muteIn(-32 * DAY);
  const { tried, client } = server((id) => timeOf(id) < Date.now() - 31 * DAY);
  await sendAll(client);
  const [first, again, ...others] = tried;
  expect([first?.messageId, others]).toEqual([refused, []]);
  const muted = { value: true, messageId: refused };
  expect(JSON.parse(again?.content ?? "")).toEqual({ bob: { known: { muted } } });
  expect(timeOf(again?.messageId ?? "")).toBeGreaterThan(Date.now() - DAY);
  expect((await database.get("folded", "bob"))?.own).toMatchObject({ muted });
});
