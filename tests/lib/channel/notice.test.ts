import { describe, expect, it } from "vitest";
import type { ChannelView } from "../../../lib/channel/channel-view.ts";
import { digestOf, NO_HEAD } from "../../../lib/channel/head.ts";
import { missedFlag, noticeOf } from "../../../lib/channel/notice.ts";

const NOW = Date.UTC(2026, 4, 10, 12);
const LATER = NOW + 1_000;
const MARK = "a mark";

/** A channel that has missed a message. */
const view = (head: Partial<ChannelView["head"]> = {}, expiresAt = NOW / 1_000 + 1) =>
  ({ head: { ...NO_HEAD, ...head }, missed: { mark: MARK, expiresAt } }) as ChannelView;
const told = { told: MARK, receipt: "receipt", previous: digestOf("before"), leaseExpiresAt: LATER };
const TELLS = { tells: MARK };
const DONE = { tells: MARK, ends: MARK };

describe("that messages were missed", () => {
  it("is nothing on a channel that has missed none", () => {
    expect(noticeOf({ ...view(), missed: undefined }, undefined, NOW, true)).toEqual({});
    expect([missedFlag(undefined), missedFlag(MARK)]).toEqual([{}, { missed: true }]);
  });

  it("is over with the message's retention, to the second", () => {
    expect(noticeOf(view({}, NOW / 1_000), "any", NOW, true)).toEqual({ ends: MARK });
    expect(noticeOf(view({}, NOW / 1_000 + 1), "any", NOW, true)).toEqual(TELLS);
  });

  it.each([
    ["that it was not told", {}, true, DONE],
    ["that it was not told, while something else is out", { ...told, told: "another" }, true, DONE],
    ["that it was told, and the lease is over", { ...told, leaseExpiresAt: NOW }, true, DONE],
    ["that it was told to another one just now", told, true, {}],
    ["that it was told, and messages come with it", told, false, DONE],
  ])("without ack is told and done with: %s", (_, head, isAlone, expected) => {
    expect(noticeOf(view(head), undefined, NOW, isAlone)).toEqual(expected);
  });

  it.each([
    ["that it was not told", {}, "any", true, TELLS],
    ["that it was not told, while something else is out", { ...told, told: "another" }, "any", true, TELLS],
    ["that its receipt is shown", told, "receipt", true, { ends: MARK }],
    ["that the answer was lost", told, "before", true, TELLS],
    ["that it was told to another one just now", told, "any", true, {}],
    ["that it was told, and the lease is over", { ...told, leaseExpiresAt: NOW }, "any", true, TELLS],
    ["that it was told, and messages come with it", told, "any", false, TELLS],
    ["that the receipt of something else is shown", { ...told, told: "another" }, "receipt", true, TELLS],
  ])("with ack: %s", (_, head, ack, isAlone, expected) => {
    expect(noticeOf(view(head), ack, NOW, isAlone)).toEqual(expected);
  });
});
