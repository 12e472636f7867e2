import { beforeEach, expect, it } from "vitest";
import type { Message } from "../../../lib/client/index.ts";
import { Previews } from "../../../lib/client/previews.ts";
import { message } from "../../support/received.ts";
import { settle, VirtualTime } from "../../support/virtual-time.ts";

const SECOND = 1_000;

const [one, two] = [message("1"), message("2")];
const batch = (messages: Message[], more = false) => ({ messages, more, receipt: "receipt" });

let time: VirtualTime;
let shown: string[];
let syncs: number[];
/** What showing a message waits for, or fails with. */
let showing: (message: Message) => Promise<void>;
let previews: Previews;

beforeEach(() => {
  time = new VirtualTime();
  [shown, syncs] = [[], []];
  showing = async () => {};
  previews = new Previews({
    timing: time,
    show: async (shownOne) => {
      shown.push(shownOne.messageId);
      await showing(shownOne);
    },
    sync: () => void syncs.push(time.now()),
  });
});

async function add(...messages: Message[]): Promise<void> {
  for (const each of messages) previews.add(each);
  await settle();
}

it("are settled by one sync, also where that is asked for before its time", async () => {
  await add(one);
  previews.flush();
  expect(syncs).toEqual([time.now()]);
  await time.advance(10 * SECOND);
  expect(syncs).toHaveLength(1);
});

it("have a sync of their own where they come after one has begun, and no sooner", async () => {
  await add(one);
  previews.onSync();
  const begun = time.now();
  await add(two);
  expect(syncs).toEqual([]);
  await time.advance(10 * SECOND);
  expect(syncs).toEqual([begun + 5 * SECOND]);
});

it("make up a batch only if each of its messages was one", async () => {
  await add(one);
  expect(previews.removeSynced(batch([one, two]))).toBe(false);
  await add(one);
  expect(previews.removeSynced(batch([one]))).toBe(true);
});

it("are forgotten once a sync has brought them", async () => {
  await add(one, two);
  previews.removeSynced(batch([one], true));
  await add(one, two);
  expect(shown).toEqual(["1", "2", "1"]);
});

it("that a sync has not brought are waited for while there is more, and forgotten when there is not", async () => {
  await add(one, two);
  previews.removeSynced(batch([one], true));
  expect(previews.removeSynced(batch([two], true))).toBe(true);
  await add(one, two);
  previews.removeSynced(batch([one]));
  expect(previews.removeSynced(batch([two]))).toBe(false);
});

it("that cannot be shown are settled at once, and shown when they come again", async () => {
  showing = () => Promise.reject(new Error("the storage is full"));
  await add(one);
  expect(syncs).toHaveLength(1);
  showing = async () => {};
  await add(one);
  expect(shown).toEqual(["1", "1"]);
});

it("are not shown after the end, nor is what waits for the one before; and begin anew", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  showing = () => promise;
  await add(one, two);
  previews.end();
  resolve();
  await settle();
  await add(one);
  expect(shown).toEqual(["1"]);
  previews.begin();
  await add(one);
  expect(shown).toEqual(["1", "1"]);
  await time.advance(10 * SECOND);
  expect(syncs).toHaveLength(1);
});
