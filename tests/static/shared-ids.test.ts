import { afterEach, beforeEach, expect, it } from "vitest";
import { timeOf } from "../../lib/contract/uuid-time.ts";
import { SharedIds } from "../../static/src/chat/sharedIds.ts";
import { type TabEvent, Tabs } from "../../static/src/chat/tabs.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

let leadingTab: Tabs;
let otherTab: Tabs;
/** Of the tab that talks to the server. */
let leading: SharedIds;
let other: SharedIds;
/** The types of events that the other tab has heard. */
let heard: TabEvent["type"][];

beforeEach(() => {
  [leadingTab, otherTab] = [new Tabs("me"), new Tabs("me")];
  [leading, other] = [new SharedIds(leadingTab), new SharedIds(otherTab)];
  heard = [];
  otherTab.listen(({ type }) => heard.push(type));
});
afterEach(() => {
  leadingTab.close();
  otherTab.close();
});

/** An answer of the server to the leading tab. The server's clock is ahead of this machine's by so many milliseconds. */
const answer = (ahead: number): void => leading.observe(new Date(Date.now() + ahead).toUTCString(), Date.now());

/** What the other tab has heard, once all of it is there. */
async function all(): Promise<TabEvent["type"][]> {
  const isOver = new Promise<void>((resolve) => {
    const end = otherTab.listen(({ type }) => {
      if (type !== "hello") return;
      end();
      resolve();
    });
  });
  leadingTab.post({ type: "hello" });
  await isOver;
  return heard.splice(0).slice(0, -1);
}

/** By how many minutes the time in the next id of the other tab is ahead of this machine's. */
const ahead = (): number => (timeOf(other.next()) - Date.now()) / MINUTE;

it("a tab that never asks the server makes ids by the server's time, as the leading tab knows it", async () => {
  answer(HOUR);
  expect(await all()).toEqual(["clock"]);
  expect(ahead()).toBeCloseTo(60, 0);
});

it("a clock that is right is not spoken of, and one that was set right once more", async () => {
  answer(5_000);
  leading.observe(null, Date.now());
  expect(await all()).toEqual([]);
  answer(-HOUR);
  expect(await all()).toEqual(["clock"]);
  expect(ahead()).toBeCloseTo(-60, 0);
  answer(0);
  expect(await all()).toEqual(["clock"]);
  expect(ahead()).toBeCloseTo(0, 0);
  answer(0);
  expect(await all()).toEqual([]);
});

it("an answer that was asked for long ago says nothing, as a tab that was frozen hears it", async () => {
  const tell = (askedAt: number) =>
    leadingTab.post({ type: "clock", date: new Date(askedAt + HOUR).toUTCString(), askedAt });
  tell(Date.now() - MINUTE);
  expect(await all()).toEqual(["clock"]);
  expect(ahead()).toBeCloseTo(0, 0);
  tell(Date.now());
  await all();
  expect(ahead()).toBeCloseTo(60, 0);
});
