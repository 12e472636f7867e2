import fc from "fast-check";
import { expect, it } from "vitest";
import { orders } from "./orders.ts";

/** Fails when the tasks are done in another order than that of their numbers. */
const inOrder = fc.asyncProperty(orders, fc.array(fc.nat(), { maxLength: 8 }), async (order, tasks) => {
  const scheduler = order.scheduler();
  const done: number[] = [];
  for (const task of tasks) void scheduler.schedule(Promise.resolve()).then(() => done.push(task));
  await scheduler.waitAll();
  return done.every((task, at) => at === 0 || task >= (done[at - 1] ?? 0));
});

it("a case that the search for the smallest came to is repeated by its seed and its path", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const found = await fc.check(inOrder, { seed });
    expect(found.failed).toBe(true);
    const again = await fc.check(inOrder, { seed, path: found.counterexamplePath ?? "" });
    expect(again).toMatchObject({ failed: true, numRuns: 1, counterexamplePath: found.counterexamplePath });
    expect(again.counterexample?.[1]).toEqual(found.counterexample?.[1]);
  }
});
