import { expect, it } from "vitest";
import { FirstMessages } from "../../static/src/chat/firstMessages.ts";

it("keeps the texts of messages at the start of the draft until the outbox has them", () => {
  const messages = new FirstMessages();
  const first = messages.add("bob", "one");
  messages.add("bob", "two");
  expect(messages.draftStart).toBe("onetwo");
  first.isStored = true;
  expect(messages.draftStart).toBe("two");
});

it("gives the text of failed messages once, and of no others", () => {
  const messages = new FirstMessages();
  messages.add("bob", "on its way");
  messages.add("carol", "one").hasFailed = true;
  messages.add("carol", "two").hasFailed = true;
  expect(messages.removeFailed()).toBe("onetwo");
  expect(messages.removeFailed()).toBe("");
  expect(messages.draftStart).toBe("on its way");
});

it("knows a name for as long as a message to it is on its way", () => {
  const messages = new FirstMessages();
  const toBob = messages.add("bob", "hi");
  const toCarol = messages.add("carol", "hi");
  expect(["bob", "carol", "dave"].map((name) => messages.has(name))).toEqual([true, true, false]);
  toBob.hasFailed = true;
  messages.remove(toCarol);
  expect(["bob", "carol"].map((name) => messages.has(name))).toEqual([false, false]);
});
