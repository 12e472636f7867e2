import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { Fixture } from "../../support/page/fixture.ts";
import { seedHistory } from "../../support/page/history.ts";
import { cpuTimeOfTasks } from "../../support/page/tasks.ts";
import { isAtBottom } from "./scrolling.ts";

/** A long conversation, a fifth of whose messages were edited or have reactions, is opened at once and deleted in small tasks. */
export async function opensFast({ visitor, client }: Fixture, count: number): Promise<void> {
  const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
  const name = bob.session?.username ?? "";
  await seedHistory(alice, bob, count, Date.now(), count / 5);
  const said = async () => (await alice.log.getByText("edited").count()) + (await alice.log.getByText("👍").count());
  // A fifth of what is shown first.
  expect(await said()).toBe(12);
  await alice.talkTo(carol.session?.username ?? "");
  const opening = await cpuTimeOfTasks(alice, async () => {
    await alice.conversations.getByRole("button", { name }).click();
    await alice.message(`old ${count - 1}`).waitFor();
    await eventually(async () => expect(await isAtBottom(alice)).toBe(true));
  });
  expect(Math.max(...opening)).toBeGreaterThan(1);
  expect(opening.filter((milliseconds) => milliseconds > 100)).toEqual([]);
  expect(opening.reduce((sum, milliseconds) => sum + milliseconds)).toBeLessThan(200);
  await alice.button("Conversation menu").click();
  await alice.button("Delete conversation here").click();
  const deleting = await cpuTimeOfTasks(alice, async () => {
    await alice.button("Delete here").click();
    await alice.conversations.getByRole("button", { name }).waitFor({ state: "detached" });
  });
  expect(deleting.length).toBeGreaterThan(count / 200);
  expect(deleting.filter((milliseconds) => milliseconds > 100)).toEqual([]);
}
