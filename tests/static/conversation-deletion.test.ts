import { beforeEach, describe, expect, it } from "vitest";
import { type Message, newMessageId } from "../../lib/client/index.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { deleteConversation } from "../../static/src/storage/conversation-deletion.ts";
import { conversationsOf, ensureConversation } from "../../static/src/storage/conversations.ts";
import { editDraft, replyDraft, saveDraft } from "../../static/src/storage/drafts.ts";
import { removeEmptyLines } from "../../static/src/storage/empty-lines.ts";
import { storeImported } from "../../static/src/storage/imported.ts";
import { enqueue } from "../../static/src/storage/outbox.ts";
import { storeOwnChanges } from "../../static/src/storage/own-changes.ts";
import type { Stored } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { moveToHistory } from "../../static/src/storage/sent.ts";
import { edit, ME, text, toPerson } from "../support/messages.ts";
import { newDatabase, refusePuts } from "../support/page/database.ts";

const STATE = { receipt: "receipt-1", recent: [] };

let database: Database;
beforeEach(async () => {
  database = await newDatabase();
});

const put = (...messages: Message[]): Promise<Stored> => storeBatch(database, ME, messages, STATE);
const lines = async () => (await conversationsOf(database)).map(({ peerId, unread }) => [peerId, unread]);
const shown = async () => (await database.getAllFromIndex("messages", "timeline")).map(({ content }) => content);
const many = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) =>
    text(String(index), "bob", { sentAt: new Date(Date.UTC(2026, 0, 1) + index).toISOString() }),
  );
const queue = (peerId: string) => enqueue(database, { peerId, content: "Waits", messageId: newMessageId() }, []);

describe("a conversation that is deleted here", () => {
  it("leaves no text behind, no draft, and nothing to be sent; others stay", async () => {
    await put(...many(600), text("1", "carol", { content: "Stays" }), text("1", "abe", { content: "Stays" }));
    for (const key of ["bob", replyDraft("bob"), editDraft("bob"), "carol"]) await saveDraft(database, key, "Typed");
    await queue("bob");
    await queue("carol");
    await deleteConversation(database, "bob", ME);
    expect((await lines()).sort()).toEqual([
      ["abe", 1],
      ["carol", 1],
    ]);
    expect(await shown()).toEqual(["Stays", "Stays"]);
    expect(JSON.stringify(await database.getAll("messages"))).not.toContain("content of");
    expect((await database.getAll("drafts")).map(({ peerId }) => peerId)).toEqual(["carol"]);
    expect((await database.getAll("outbox")).map(({ peerId }) => peerId)).toEqual(["carol"]);
  });

  it("leaves what waits for the user's other devices alone, also if it is the conversation with oneself", async () => {
    await put(text("1", ME, toPerson(ME)));
    await storeOwnChanges(database, { id: ME, username: "me" }, { [ME]: { hidesRead: true } }, newMessageId);
    await queue(ME);
    await deleteConversation(database, ME, ME);
    expect(await lines()).toEqual([]);
    expect((await database.getAll("outbox")).map(({ type }) => type)).toEqual(["own"]);
  });

  it("does not come back with messages that are handed out again, nor with what is said of them", async () => {
    const [one, two] = [text("1", "bob"), text("2", "bob")];
    await put(one, two);
    await deleteConversation(database, "bob", ME);
    const again = await put({ ...one, redelivered: true }, two, edit("3", "bob", "1"));
    expect(again).toMatchObject({ news: [], conversations: [] });
    expect(await lines()).toEqual([]);
    expect(await shown()).toEqual([]);
  });

  it("does not come back with the answer to a send, nor with the copy of what was on its way", async () => {
    await put(text("1", "bob"));
    const message = await queue("bob");
    await deleteConversation(database, "bob", ME);
    const { messageId } = message;
    const sent = { status: "sent", messageId, sentAt: new Date().toISOString() };
    await moveToHistory(database, { id: ME, username: "me" }, message, sent);
    await put(text(messageId, ME, { ...toPerson("bob"), content: "Waits" }));
    expect(await lines()).toEqual([]);
    expect(JSON.stringify(await database.getAll("messages"))).not.toContain("Waits");
  });

  it("has its name when it begins anew with a message of the user that names nobody", async () => {
    await put(text("0", ME, toPerson("bob")), text("1", "bob"));
    await deleteConversation(database, "bob", ME);
    const message = await queue("bob");
    const sent = { status: "sent", messageId: message.messageId, sentAt: new Date().toISOString() };
    await moveToHistory(database, { id: ME, username: "me" }, message, sent);
    expect(await conversationsOf(database)).toMatchObject([{ peerId: "bob", name: text("1", "bob").senderName }]);
  });

  it("leaves no empty line when a history from elsewhere names its people, and others keep theirs", async () => {
    await put(text("1", "bob"), text("1", "carol"));
    await deleteConversation(database, "bob", ME);
    await deleteConversation(database, "carol", ME);
    await put(text("2", "carol"));
    const people = ["bob", "carol", "dora"].map((name) => ({ peerId: name, name }));
    await storeImported(database, ME, { people, messages: [] });
    await removeEmptyLines(database);
    expect((await lines()).sort()).toEqual([
      ["carol", 1],
      ["dora", 0],
    ]);
  });

  it("keeps its line when the person has begun it anew, whatever is imported then", async () => {
    await put(text("1", "bob"));
    await deleteConversation(database, "bob", ME);
    await ensureConversation(database, { id: "bob", username: "bob" });
    await removeEmptyLines(database);
    expect(await lines()).toEqual([["bob", 0]]);
  });

  it("begins anew with a later message", async () => {
    await put(text("1", "bob"));
    await deleteConversation(database, "bob", ME);
    await put(text("2", "bob"));
    expect(await lines()).toEqual([["bob", 1]]);
    expect(await shown()).toEqual(["content of 2"]);
  });

  it("keeps what arrives meanwhile, as unread", async () => {
    await put(...many(600));
    const deleting = deleteConversation(database, "bob", ME);
    // The last one of them is known by now: the batches have begun.
    await put(text("900", "bob", { sentAt: "2026-02-01T00:00:00.000Z" }));
    await deleting;
    expect(await lines()).toEqual([["bob", 1]]);
    expect(await shown()).toEqual(["content of 900"]);
    expect((await database.getAll("untold")).map(({ id }) => id)).toEqual(["bob/900"]);
  });

  it("tells nobody anything of what was deleted unread, and tells others all that is to be told", async () => {
    await put(text("1", "bob"), text("2", "bob"), text("3", "carol"));
    await deleteConversation(database, "bob", ME);
    expect((await database.getAll("untold")).map(({ id }) => id)).toEqual(["carol/3"]);
  });

  it("may have no message, and may be gone", async () => {
    await put(text("1", "abe"), text("2", "carol"));
    await ensureConversation(database, { id: "bob", username: "bob" });
    await deleteConversation(database, "bob", ME);
    await deleteConversation(database, "bob", ME);
    expect((await lines()).map(([peerId]) => peerId).sort()).toEqual(["abe", "carol"]);
    expect(await shown()).toHaveLength(2);
  });

  it("is still there if it could not be deleted", async () => {
    await put(text("1", "bob"), text("2", "bob"));
    refusePuts("messages");
    await expect(deleteConversation(database, "bob", ME)).rejects.toThrow("refused");
    expect(await lines()).toEqual([["bob", 2]]);
    expect(await shown()).toEqual(["content of 1", "content of 2"]);
  });
});
