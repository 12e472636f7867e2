import { expect, it, vi } from "vitest";
import { realTiming } from "../../../lib/client/timing.ts";

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

it("sleeps, and leaves no listener on the signal", async () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  await realTiming.sleep(1, signal);
  expect(removed.mock.calls).toEqual(added.mock.calls);
});

it("wakes by the signal, and leaves no timer behind", async () => {
  const controller = new AbortController();
  const before = timers();
  const sleep = realTiming.sleep(3_600_000, controller.signal);
  expect(timers()).toBe(before + 1);
  controller.abort();
  await sleep;
  expect(timers()).toBe(before);
});

it("does not begin to sleep when the signal is aborted", async () => {
  const before = timers();
  const sleep = realTiming.sleep(3_600_000, AbortSignal.abort());
  expect(timers()).toBe(before);
  await sleep;
});

it("sleeps for months where a plain timer would fire at once", async () => {
  const controller = new AbortController();
  const woken = vi.fn();
  const sleep = realTiming.sleep(2 ** 40, controller.signal).then(woken);
  await realTiming.sleep(50);
  expect(woken).not.toHaveBeenCalled();
  controller.abort();
  await sleep;
});
