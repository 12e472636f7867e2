import { expect, it } from "vitest";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { eventsAfter } from "../../static/src/storage/history.ts";
import { groupEvent, ME, text, toGroup } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";

const GROUP = `g-${"a".repeat(22)}`;

it("has all events behind a message, however many messages lie between, and none before it or of another group", async () => {
  const database = await newDatabase();
  const at = (second: number) => ({ sentAt: new Date(Date.UTC(2026, 0, 1) + 1_000 * second).toISOString() });
  const joined = (id: string, second: number, group = GROUP) => ({
    ...groupEvent(id, "ann", group, { version: second, event: "joined", member: { id, username: id } }),
    ...at(second),
  });
  const texts = Array.from({ length: 1_100 }, (_, index) =>
    text(`t${index}`, "ann", { ...toGroup(GROUP), ...at(10 + index) }),
  );
  const all = [
    joined("bob", 1),
    ...texts,
    joined("cat", 20),
    joined("dan", 1_500),
    joined("eve", 1_600, `g-${"b".repeat(22)}`),
  ];
  await storeBatch(database, ME, all, { receipt: "receipt-1", recent: [] });
  const [first] = await database.getAllFromIndex("messages", "messageId", "t0");
  if (first === undefined) expect.fail("it is not stored");
  expect((await eventsAfter(database, first)).map(({ messageId }) => messageId)).toEqual(["cat", "dan"]);
});
