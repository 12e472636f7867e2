import { describe, expect, it } from "vitest";
import { ChatReceipts } from "../../cli/chat-receipts.ts";
import { type Message, type Outgoing, Receipts } from "../../lib/client/index.ts";
import {
  deletion,
  edit,
  file,
  groupEvent,
  ME,
  own,
  reaction,
  text,
  toGroup,
  toPerson,
  unknown,
} from "../support/messages.ts";

/** What was told once a chat with Anna, or in another conversation, has shown messages. */
async function toldBy(
  messages: readonly (Message | "answer" | "hide" | "tell")[],
  placeId = "anna",
): Promise<string[]> {
  const sent: Outgoing[] = [];
  const receipts = new Receipts({
    timing: { sleep: () => new Promise(() => undefined) },
    ownId: ME,
    send: async (receipt) => sent.push(receipt),
    membersOf: () => 3,
  });
  let tellsRead = true;
  const blocked = new Set(["mallory"]);
  const chat = new ChatReceipts({ receipts, tellsRead: () => tellsRead, ownId: ME, placeId, blocked });
  for (const message of messages) {
    if (message === "answer") chat.answered();
    else if (message === "hide" || message === "tell") tellsRead = message === "tell";
    else chat.shown(message);
  }
  await receipts.flush();
  return sent.map(({ to, type, content }) => `${to} ${type} ${content}`);
}

describe("what a chat tells of what was read", () => {
  const [first, second] = [text("1", "anna"), text("2", "anna")];

  it("is nothing before the user has written, and then all that was shown of that conversation", async () => {
    expect(await toldBy([first, second])).toEqual([]);
    const elsewhere = [text("3", "bert"), text("4", "anna", toGroup("g-1")), text("5", "anna", toGroup("g-2"))];
    expect(await toldBy([first, ...elsewhere, "answer", second])).toEqual(['anna read ["1","2"]']);
    expect(await toldBy([first, ...elsewhere, "answer"], "g-1")).toEqual(['anna read ["4"]']);
  });

  it("is told as well once another device of the user has written there, or accepted the conversation", async () => {
    expect(await toldBy([first, text("2", ME, toPerson("anna"))])).toEqual(['anna read ["1"]']);
    expect(await toldBy([first, text("2", ME, toPerson("bert"))])).toEqual([]);
    expect(await toldBy([first, own("2", { anna: { accepted: true } })])).toEqual(['anna read ["1"]']);
    expect(await toldBy([first, own("2", { bert: { accepted: true }, anna: { muted: true } })])).toEqual([]);
    expect(await toldBy([first, own("2", { bert: { accepted: true } })])).toEqual([]);
    // What only says something of other messages answers nothing.
    const mine = toPerson("anna");
    for (const said of [reaction("2", ME, "1", "👍", mine), edit("2", ME, "0", mine), deletion("2", ME, "0", mine)]) {
      expect(await toldBy([first, said])).toEqual([]);
    }
    expect(await toldBy([first, unknown("2", ME, mine)])).toEqual([]);
    expect(await toldBy([first, file("2", ME, mine)])).toEqual(['anna read ["1"]']);
    const joined = groupEvent("2", ME, "g-1", { version: 2, event: "joined" });
    expect(await toldBy([text("1", "anna", toGroup("g-1")), joined], "g-1")).toEqual([]);
  });

  it("is not told to a user who is blocked", async () => {
    const messages = [text("1", "mallory", toGroup("g-1")), text("2", "anna", toGroup("g-1"))];
    expect(await toldBy(["answer", ...messages], "g-1")).toEqual(['anna read ["2"]']);
  });

  it("is nothing while the user's setting says so, also of what waits to be told, and nothing of that is told later", async () => {
    const [third, fourth] = [text("3", "anna"), text("4", "anna")];
    expect(await toldBy(["hide", "answer", first, second])).toEqual([]);
    expect(await toldBy(["answer", first, "hide", second, "tell", third])).toEqual(['anna read ["3"]']);
    expect(await toldBy([first, "hide", second, "tell", third, "answer", fourth])).toEqual(['anna read ["3","4"]']);
    expect(await toldBy([first, "hide", "answer", "tell", second])).toEqual(['anna read ["2"]']);
    expect(await toldBy([first, "hide", second, "tell", "answer"])).toEqual([]);
  });

  it("tells of typing once the user has written there, and no one who is blocked", () => {
    const options = { receipts: undefined, tellsRead: () => true, ownId: ME, blocked: new Set(["mallory"]) };
    const chats = ["anna", "mallory", "g-1"].map((placeId) => new ChatReceipts({ ...options, placeId }));
    expect(chats.map(({ tellsTyping }) => tellsTyping)).toEqual([false, false, false]);
    for (const chat of chats) chat.answered();
    expect(chats.map(({ tellsTyping }) => tellsTyping)).toEqual([true, false, true]);
    // Nobody is told what was read.
    for (const chat of chats) chat.shown(first);
  });
});
