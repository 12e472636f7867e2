import { describe, expect, it } from "vitest";
import { isSendKey } from "../../static/src/view/sendKey.ts";

const DESK = { isTouch: false, hasMouse: true };
const PHONE = { isTouch: true, hasMouse: false };
const PHONE_WITH_PEN = { isTouch: true, hasMouse: true };
const TABLET_WITH_TRACKPAD = { isTouch: true, hasMouse: true };

/** Enter on a real keyboard. */
const ENTER = {
  key: "Enter",
  code: "Enter",
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  isComposing: false,
  keyCode: 13,
};
const ON_SCREEN = { ...ENTER, code: "" };

describe("Enter", () => {
  it.each([
    ["sends at a desk", ENTER, DESK, true],
    ["makes a new line at a desk with Shift", { ...ENTER, shiftKey: true }, DESK, false],
    ["makes a new line on a phone", ON_SCREEN, PHONE, false],
    ["makes a new line on a phone that gives its keys codes", ENTER, PHONE, false],
    ["makes a new line on the screen keyboard of a phone with a pen", ON_SCREEN, PHONE_WITH_PEN, false],
    ["sends on a tablet whose keyboard has a trackpad", ENTER, TABLET_WITH_TRACKPAD, true],
    ["sends on a tablet's keyboard with Ctrl", { ...ENTER, ctrlKey: true }, PHONE, true],
    ["sends on a tablet's keyboard with Cmd", { ...ENTER, metaKey: true }, PHONE, true],
    ["ends a composition", { ...ENTER, isComposing: true }, DESK, false],
    ["ends a composition in Safari", { ...ENTER, keyCode: 229 }, DESK, false],
    ["is the only key that sends", { ...ENTER, key: "a" }, DESK, false],
  ])("%s", (_, key, pointers, sends) => {
    expect(isSendKey(key, pointers)).toBe(sends);
  });
});
