import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Sleeper } from "../../../lib/client/index.ts";

const HOUR = 3_600_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const sleeper = new Sleeper();
  const woken = vi.fn();
  const sleep = (signal?: AbortSignal) => sleeper.sleep(HOUR, signal).then(woken);
  return { sleeper, woken, sleep };
}

it("sleeps for the time that it is given", async () => {
  const { woken, sleep } = setUp();
  void sleep();
  await vi.advanceTimersByTimeAsync(HOUR - 1);
  expect(woken).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(woken).toHaveBeenCalledOnce();
});

it("ends the sleep when it is woken, and sleeps the next time", async () => {
  const { sleeper, woken, sleep } = setUp();
  const first = sleep();
  sleeper.wake();
  await first;
  void sleep();
  await vi.advanceTimersByTimeAsync(HOUR - 1);
  expect(woken).toHaveBeenCalledOnce();
});

it("skips one sleep if it was woken before, unless that was reset", async () => {
  const { sleeper, woken, sleep } = setUp();
  sleeper.wake();
  await sleep();
  void sleep();
  await vi.advanceTimersByTimeAsync(HOUR - 1);
  expect(woken).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(1);
  sleeper.wake();
  sleeper.reset();
  void sleep();
  await vi.advanceTimersByTimeAsync(HOUR - 1);
  expect(woken).toHaveBeenCalledTimes(2);
});

it("ends the sleep with the signal", async () => {
  const { woken, sleep } = setUp();
  const controller = new AbortController();
  const slept = sleep(controller.signal);
  controller.abort();
  await slept;
  await sleep(AbortSignal.abort());
  expect(woken).toHaveBeenCalledTimes(2);
  expect(vi.getTimerCount()).toBe(0);
});
