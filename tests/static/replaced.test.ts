import { describe, expect, it } from "vitest";
import { fold, type Message, MessageIds } from "../../lib/client/index.ts";
import { replacedId } from "../../static/src/chat/replaced.ts";
import { outgoingFrom } from "../../static/src/storage/outbox.ts";
import type { QueuedMessage, StoredMessage } from "../../static/src/storage/records.ts";
import { edit, ME, reaction, text, toPerson } from "../support/messages.ts";

const HOUR = 3_600_000;
const bob = toPerson("bob");
const NOTHING = { messages: [], waiting: [], conversations: [] };

/** The message as it is after all of these. */
function folded(...messages: Message[]): StoredMessage {
  const [message] = fold(NOTHING, messages, ME).messages;
  return message ?? expect.fail("there is no message");
}

const waiting = (type: string, messageId: string, about = "1", peerId = "bob"): QueuedMessage => ({
  ...outgoingFrom({ peerId, type, about, content: "Waits", messageId }),
  sequence: 1,
});

const mine = text("1", ME, bob);
const ofMe = (type: "edit" | "deletion" | "reaction", message: StoredMessage, outbox: QueuedMessage[] = []) =>
  replacedId(type, message, outbox, ME);

describe("what the user says next about a message", () => {
  it("replaces nothing where nothing was said", () => {
    expect(ofMe("edit", folded(mine))).toBeUndefined();
    expect(ofMe("deletion", folded(mine, edit("5", ME, "1", bob)))).toBeUndefined();
  });

  it("replaces the last edit, and the user's own reaction", () => {
    const message = folded(
      mine,
      edit("5", ME, "1", bob),
      reaction("3", ME, "1", "👍", bob),
      reaction("7", "bob", "1", "🎉"),
    );
    expect([ofMe("edit", message), ofMe("reaction", message)]).toEqual(["5", "3"]);
  });

  it("replaces no reaction of somebody else, and what waits where nothing else was said", () => {
    const message = folded(mine, reaction("7", "bob", "1", "🎉"));
    expect(ofMe("reaction", message)).toBeUndefined();
    expect(ofMe("edit", message, [waiting("edit", "6")])).toBe("6");
  });

  it("replaces what waits, of its kind and about the same message alone", () => {
    const others = [waiting("edit", "9", "2"), waiting("edit", "9", "1", "carol"), waiting("reaction", "9")];
    const message = folded(mine, edit("5", ME, "1", bob));
    expect(ofMe("edit", message, [waiting("edit", "6"), waiting("edit", "4"), ...others])).toBe("6");
    expect(ofMe("edit", message, others)).toBe("5");
  });

  it("counts though this tab's clock is an hour behind the one that said the last word", () => {
    const [there, here] = [new MessageIds(), new MessageIds({ now: () => Date.now() - HOUR })];
    const said = [mine, edit(there.next(), ME, "1", { ...bob, content: "one" })];
    const next = here.next(ofMe("edit", folded(...said)));
    expect(folded(...said, edit(next, ME, "1", { ...bob, content: "two" })).content).toBe("two");
    const liked = [mine, reaction(there.next(), ME, "1", "👍", bob)];
    const taken = reaction(here.next(ofMe("reaction", folded(...liked))), ME, "1", "", bob);
    expect(folded(...liked, taken).reactions?.[ME]?.emoji).toBe("");
  });
});
