import { describe, expect, it } from "vitest";
import {
  adopt,
  concernedByFolded,
  type FoldedConversation,
  type FoldedMessage,
  fold,
  type Message,
  type Records,
} from "../../../lib/client/index.ts";
import { edit, ME, own, reaction, text, toGroup, toPerson, unknown } from "../../support/messages.ts";

const NOTHING: Records = { messages: [], waiting: [], conversations: [] };

const folded = (...batch: Message[]): Records => fold(NOTHING, batch, ME);

/** The message as a file has it. */
const filed = (message: Message): FoldedMessage => folded(message).messages[0] ?? expect.fail("no message");

describe("messages that were folded elsewhere", () => {
  it("concern what is known of them and of their conversations, each once", () => {
    const messages = [text("1", "alice"), text("1", ME, toPerson("alice")), text("2", "bob")].map(filed);
    expect(concernedByFolded(messages)).toEqual({ messageIds: ["1", "2"], conversationIds: ["alice", "bob"] });
    expect(concernedByFolded([])).toEqual({ messageIds: [], conversationIds: [] });
  });

  it("are added as they are, one by one", () => {
    const messages = [text("1", "alice"), text("2", "alice"), text("2", "bob")].map(filed);
    expect(adopt(NOTHING, messages, ME)).toEqual({ messages, waiting: [], conversations: [] });
    expect(adopt(NOTHING, [...messages, ...messages], ME).messages).toEqual(messages);
  });

  it("leave one alone that is known, whatever was said about it there", () => {
    const known = folded(text("1", "alice"), edit("2", "alice", "1"));
    const elsewhere = { ...filed(text("1", "alice")), content: "as the file has it" };
    expect(adopt(known, [elsewhere], ME)).toEqual(NOTHING);
  });

  it("get what has waited for them here", () => {
    const known = folded(edit("2", "alice", "1"), reaction("3", "bob", "1", "👍"));
    const { messages, waiting } = adopt(known, [filed(text("1", "alice"))], ME);
    expect(messages).toMatchObject([{ id: "alice/1", content: "edit 2" }]);
    // Bob has said it in another conversation.
    expect(waiting.map(({ marks }) => Object.keys(marks))).toEqual([["reaction/bob/bob"]]);
  });

  it("accept a conversation that the user has written in, and keep all else that is known of it", () => {
    const known = folded(own("9", { bob: { muted: true } }));
    const [before] = known.conversations;
    const messages = [text("1", ME, toPerson("alice")), text("2", ME, toPerson("bob"))].map(filed);
    expect(adopt(known, messages, ME).conversations).toEqual([
      { ...before, isAnswered: true },
      { id: "alice", isAnswered: true },
    ]);
  });

  it.each<[string, Message]>([
    ["somebody else has written", text("1", "alice", toGroup("g-1"))],
    ["is quiet and cannot be read", unknown("1", ME, { ...toGroup("g-1"), quiet: true })],
  ])("accept none by what %s", (_, message) => {
    expect(adopt(NOTHING, [filed(message)], ME).conversations).toEqual([]);
  });

  it("change no conversation that is accepted already", () => {
    const conversations: FoldedConversation[] = [{ id: "alice", isAnswered: true, version: 3 }];
    const messages = [filed(text("1", ME, toPerson("alice")))];
    expect(adopt({ ...NOTHING, conversations }, messages, ME)).toEqual({ ...NOTHING, messages });
  });
});
