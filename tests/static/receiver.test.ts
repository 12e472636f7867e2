import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Connection } from "../../static/src/chat/connection.ts";
import { Receiver, type ReceiverHost, WatchedClient } from "../../static/src/chat/receiver.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { problemText } from "../support/problem-text.ts";

const FAULT = new Error("a fault of a listener");
const fail = (): never => {
  throw FAULT;
};

/** The answer of the API to every request. */
const answering = (status: number, code: string) =>
  new WatchedClient({
    url: "http://localhost",
    session: { token: "token", id: "bob", username: "bob", receipt: "receipt", expiresAt: "never" },
    live: false,
    fetch: async () =>
      new Response(problemText(status, code), { status, headers: { "content-type": "application/problem+json" } }),
  });

/** A storage that has what the session begins with, so that nothing is stored before the first sync. */
const begun = { get: async () => ({ receipt: "receipt", recent: [] }) } as unknown as Database;

/** A storage that the browser has closed. */
const closed = {
  get: async () => {
    throw new DOMException("The connection was closed.", "InvalidStateError");
  },
} as unknown as Database;

let expired: number;
let life: AbortController;

beforeEach(() => {
  expired = 0;
  life = new AbortController();
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
});
afterEach(() => {
  life.abort();
  vi.unstubAllGlobals();
});

const run = (host: Pick<ReceiverHost, "client" | "database"> & Partial<ReceiverHost>): Promise<void> =>
  new Receiver({
    ownId: "bob",
    connection: { setPolling: () => {}, failed: fail, refused: fail, succeeded: fail } as unknown as Connection,
    onBegin: async () => {},
    onStored: fail,
    onTyping: fail,
    onMissed: fail,
    onStorage: fail,
    onExpired: () => void expired++,
    ...host,
  }).run(life.signal);

it("says that the session is over when the server says so", async () => {
  await run({ client: answering(401, "invalid_token"), database: begun });
  expect(expired).toBe(1);
});

it.each([
  ["that the server refuses", answering(403, "forbidden"), begun],
  ["that the storage is closed", answering(403, "forbidden"), closed],
])("does not log the person out by a fault of those whom it tells %s", async (_, client, database) => {
  await expect(run({ client, database })).rejects.toBe(FAULT);
  expect(expired).toBe(0);
});

it("ends without a word when the page is left, whatever fails meanwhile", async () => {
  const onStorage = () => {
    life.abort();
    fail();
  };
  await run({ client: answering(403, "forbidden"), database: closed, onStorage });
  expect(expired).toBe(0);
});
