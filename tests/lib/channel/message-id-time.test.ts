import { describe, expect, it } from "vitest";
import { checkMessageIdTime } from "../../../lib/channel/message-id-time.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { timeOf } from "../../../lib/contract/uuid-time.ts";
import { newMessageId } from "../../../lib/runtime/ids.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOW = Date.parse("2026-03-12T19:03:58.123Z");

const check = (from: number) => () => checkMessageIdTime(newMessageId(NOW + from), NOW);

describe("the time in a messageId", () => {
  it("is its first 48 bits", () => {
    expect(timeOf(newMessageId(NOW))).toBe(NOW);
    expect(timeOf("00000000-0000-7000-8000-000000000000")).toBe(0);
    expect(timeOf("ffffffff-ffff-7fff-bfff-ffffffffffff")).toBe(2 ** 48 - 1);
  });

  it("may be 31 days before to 10 minutes after the server's, to the millisecond", () => {
    for (const from of [-31 * DAY, -1, 0, 1, 10 * MINUTE]) expect(check(from), String(from)).not.toThrow();
    expect(check(-31 * DAY - 1)).toThrow(/more than 31 days before the server's/);
    expect(check(10 * MINUTE + 1)).toThrow(/more than 10 minutes ahead of the server's/);
  });

  it("is refused with the server's time", () => {
    const members = { serverTime: "2026-03-12T19:03:58.123Z" };
    expect(check(DAY)).toThrow(expect.objectContaining({ code: "message_id_time", members }));
  });

  it("is taken for as long as the message waits, if it was stored within a day", () => {
    expect(LIMITS.messageId.past).toBeGreaterThanOrEqual(LIMITS.retention + DAY);
  });
});
