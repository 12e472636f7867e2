import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Transfer, TransferTime, transferring } from "../../../lib/client/file-attempt.ts";
import { FileError, NetworkError } from "../../../lib/client/index.ts";

/** Waits until it is ended. */
const forEver = ({ signal }: Transfer): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

describe("an attempt to move a file", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("ends as a network fault when no byte has moved for four times as long as an answer may take", async () => {
    const ends: unknown[] = [];
    let moved = () => {};
    const attempt = transferring({ timeout: 1_000 }, undefined, (transfer) => {
      moved = transfer.moved;
      return forEver(transfer);
    }).catch((error: unknown) => ends.push(error));
    await vi.advanceTimersByTimeAsync(3_999);
    moved();
    await vi.advanceTimersByTimeAsync(3_999);
    expect(ends).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await attempt;
    expect(ends).toEqual([expect.any(NetworkError)]);
    expect(ends).toMatchObject([{ cause: { name: "TimeoutError" } }]);
  });

  it("leaves no timer behind", async () => {
    expect(await transferring({ timeout: 1_000 }, undefined, async ({ moved }) => moved())).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([new FileError("file_changed"), new NetworkError("Cut off")])("fails as its work does: %s", async (error) => {
    await expect(transferring({ timeout: 1_000 }, undefined, () => Promise.reject(error))).rejects.toBe(error);
  });

  it("takes all else for a network fault", async () => {
    const cause = new TypeError("fetch failed");
    const attempt = transferring({ timeout: 1_000 }, undefined, () => Promise.reject(cause));
    await expect(attempt).rejects.toMatchObject({ name: "NetworkError", cause });
  });

  it("fails with the reason of the caller's signal", async () => {
    const controller = new AbortController();
    const attempt = transferring({ timeout: 1_000 }, controller.signal, forEver);
    controller.abort("enough");
    await expect(attempt).rejects.toBe("enough");
  });
});

describe("the time of transfers", () => {
  it("is added up, also of those that fail, and does not go back with the clock", async () => {
    let now = 1_000;
    const time = new TransferTime({ now: () => now });
    const lasting = (milliseconds: number) => async () => {
      now += milliseconds;
    };
    await time.of(lasting(5));
    await time
      .of(async () => {
        now += 7;
        throw new Error("Cut off");
      })
      .catch(() => undefined);
    await time.of(lasting(-100));
    expect(time.total).toBe(12);
  });
});
