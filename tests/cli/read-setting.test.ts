import { describe, expect, it } from "vitest";
import { latestOf, readSettingIn, savedReadSetting } from "../../cli/read-setting.ts";
import { ME, own, text } from "../support/messages.ts";

describe("the setting of read receipts", () => {
  it("is what an own device says of all conversations", () => {
    expect(readSettingIn(own("1", { [ME]: { hidesRead: true } }), ME)).toEqual({ hides: true, messageId: "1" });
    expect(readSettingIn(own("2", { anna: { muted: true }, [ME]: { hidesRead: false } }), ME)).toEqual({
      hides: false,
      messageId: "2",
    });
  });

  it("is what an own device passes on, as old as the message that first said it", () => {
    const known = { hidesRead: { value: true, messageId: "1" } };
    expect(readSettingIn(own("3", { [ME]: { known } }), ME)).toEqual({ hides: true, messageId: "1" });
    // Said later.
    const both = own("3", { [ME]: { known, hidesRead: false } });
    expect(readSettingIn(both, ME)).toEqual({ hides: false, messageId: "3" });
  });

  it.each([
    ["of a known value that names no message", own("1", { [ME]: { known: { hidesRead: { value: true } } } })],
    ["of another conversation", own("1", { anna: { hidesRead: true } })],
    ["of another setting", own("1", { [ME]: { asksAs: "d-1" } })],
    ["that is no yes or no", own("1", { [ME]: { hidesRead: "true" } })],
    ["of somebody else", own("1", { [ME]: { hidesRead: true } }, "anna")],
    ["in a text", text("1", ME, { content: JSON.stringify({ [ME]: { hidesRead: true } }) })],
  ])("is nothing %s", (_, message) => {
    expect(readSettingIn(message, ME)).toBeUndefined();
  });

  it("is that of the message with the greatest id, in whichever order they came", () => {
    const [one, two] = [
      { hides: true, messageId: "1" },
      { hides: false, messageId: "2" },
    ];
    expect(latestOf([one, two])).toBe(two);
    expect(latestOf([undefined, two, one])).toBe(two);
    expect(latestOf([undefined])).toBeUndefined();
  });

  it("is read from a saved state, and is none in that of an earlier version", () => {
    expect(savedReadSetting({ hides: true, messageId: "1" })).toEqual({ hides: true, messageId: "1" });
    for (const saved of [undefined, null, { hides: 1, messageId: "1" }, { hides: true }]) {
      expect(savedReadSetting(saved)).toBeUndefined();
    }
  });
});
