import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { Fixture } from "../../support/page/fixture.ts";
import { seedHistory, sendMany } from "../../support/page/history.ts";
import { cpuTimeOfTasks } from "../../support/page/tasks.ts";
import type { Visitor } from "../../support/page/visitor.ts";

/** Scrolls up until older messages are on the page. */
export async function readOlder(visitor: Visitor): Promise<void> {
  const [first] = await visitor.texts();
  await visitor.log.evaluate((element) => {
    element.scrollTop = 300;
  });
  await eventually(async () => expect((await visitor.texts())[0]).not.toBe(first));
}

export const isAtBottom = ({ log }: Visitor): Promise<boolean> =>
  log.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop < 2);

/** A reader goes far back in a long conversation, and a hundred messages arrive, and no task of the page is long. */
export async function staysSmooth({ visitor, client }: Fixture, count: number): Promise<void> {
  const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
  await seedHistory(alice, bob, count);
  const { id } = await bob.find(alice.username);
  const tasks = await cpuTimeOfTasks(alice, async () => {
    for (let round = 0; round < 15; round++) {
      await readOlder(alice);
    }
    await sendMany(bob, id, ["while", "it", "scrolls"]);
    await alice.button(/3 new messages/).click();
    await alice.message("scrolls").waitFor();
    const texts = Array.from({ length: 100 }, (_, index) => `arrives ${index}.`);
    await sendMany(bob, id, texts);
    // By one look at all of them: a hundred that each ask the page again and again would be work of the page.
    await eventually(async () => expect(await alice.texts()).toEqual(expect.arrayContaining(texts)));
    expect(await isAtBottom(alice)).toBe(true);
  });
  // They were measured, and to lay a page of messages out takes more than nothing.
  expect(tasks.length).toBeGreaterThan(50);
  expect(Math.max(...tasks)).toBeGreaterThan(1);
  expect(tasks.filter((milliseconds) => milliseconds > 100)).toEqual([]);
  expect(await alice.log.getByRole("article").count()).toBeLessThanOrEqual(240);
}

/** The message at the top of what the reader sees, and where it is. */
export const placeOf = ({ log }: Visitor): Promise<{ text: string; top: number }> =>
  log.evaluate((element) => {
    const edge = element.getBoundingClientRect().top;
    const rows = [...element.querySelectorAll("article")];
    const row = rows.find((candidate) => candidate.getBoundingClientRect().top >= edge);
    return {
      text: row?.querySelector(".text")?.textContent ?? "",
      top: Math.round((row?.getBoundingClientRect().top ?? 0) - edge),
    };
  });

/** A reader is far up while messages arrive: the page stays where it is, and loses none of them. */
export async function keepsItsPlace({ visitor, client }: Fixture, arriving: number): Promise<void> {
  const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
  await seedHistory(alice, bob, 300);
  await readOlder(alice);
  const before = await placeOf(alice);
  const { id } = await bob.find(alice.username);
  const texts = Array.from({ length: arriving }, (_, index) => `new ${index}`);
  await sendMany(bob, id, texts);
  await alice.button(new RegExp(`${arriving} new messages`)).waitFor();
  expect(await placeOf(alice)).toEqual(before);
  await alice.button(new RegExp(`${arriving} new messages`)).click();
  await eventually(async () => expect(await isAtBottom(alice)).toBe(true));
  const count = await alice.page.evaluate(async (userId) => {
    const request = indexedDB.open(`gotalk-${userId}`);
    const database = await new Promise<IDBDatabase>((resolve) => {
      request.onsuccess = () => resolve(request.result);
    });
    const counted = database.transaction("messages").objectStore("messages").count();
    return new Promise<number>((resolve) => {
      counted.onsuccess = () => resolve(counted.result);
    });
  }, id);
  expect(count).toBe(300 + arriving);
}
