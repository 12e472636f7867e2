import {
  type FoldedConversation,
  type OwnChange,
  ownChangesIn,
  ownValuesIn,
  settingsOf,
} from "../../../lib/client/index.ts";
import { CONTENT_BYTES } from "../../../lib/contract/limits.ts";
import { byteLength } from "../text/bytes.ts";
import { allOrNothing } from "./atomic.ts";
import { outgoingFrom } from "./outbox.ts";
import { type Line, type QueuedMessage, readLine } from "./records.ts";
import { STRICT } from "./schema.ts";
import type { Database } from "./stores.ts";

/** The newest conversations that a new device hears of. */
const MOST = 400;

/** What a device says of itself alone. */
const NOT_TOLD = new Set(["asksAs", "known"]);

/**
 * What a new device of the user has to know of all settings that hold, as the contents of `own` messages. Each value bears the
 * id of the message that first said it. So it replaces nothing that was said later, on whichever device.
 *
 * A group counts as accepted if the user has accepted the person who has added them: the event that names the person is older than
 * the new device.
 *
 * What waits in the outbox is left out: it goes to all devices by itself, and may get another id first.
 */
export async function heldSettings(database: Database, ownId: string): Promise<string[]> {
  const transaction = database.transaction(["folded", "conversations", "outbox"]);
  const [folded, lines, waiting] = await Promise.all([
    transaction.objectStore("folded").getAll(),
    transaction.objectStore("conversations").getAll(),
    transaction.objectStore("outbox").index("peerId").getAll(ownId),
  ]);
  const unsent = new Set(waiting.map(({ messageId }) => messageId));
  // What holds for all conversations comes first.
  const order = ({ id, name }: FoldedConversation): string => (id === ownId ? "~" : (name?.sentAt ?? ""));
  const newestFirst = folded.toSorted((one, other) => (order(one) < order(other) ? 1 : -1));
  const groups = groupsOfKnownPeople(folded, lines.flatMap(readLine));
  const change = (one: FoldedConversation): OwnChange => {
    const isAccepted = settingsOf(one).isAccepted || groups.has(one.id);
    return changeFrom(one, isAccepted, unsent);
  };
  return packed(newestFirst.slice(0, MOST).map((one) => [one.id, change(one)]));
}

/** The groups that a person has added the user to whom the user has accepted. */
function groupsOfKnownPeople(folded: readonly FoldedConversation[], lines: readonly Line[]): ReadonlySet<string> {
  const accepted = new Set(folded.filter((one) => settingsOf(one).isAccepted).map(({ id }) => id));
  const theirs = lines.filter(({ addedBy }) => addedBy !== undefined && accepted.has(addedBy));
  return new Set(theirs.map(({ peerId }) => peerId));
}

function changeFrom(
  { own = {}, readUpTo }: FoldedConversation,
  isAccepted: boolean,
  unsent: ReadonlySet<string>,
): OwnChange {
  const isTold = (name: string): boolean => !NOT_TOLD.has(name) && !(name === "accepted" && isAccepted);
  const known = Object.entries(own).filter(([name, { messageId }]) => isTold(name) && !unsent.has(messageId));
  return {
    // Without an earlier id, as older pages read it, and as writing accepts, too. Nobody takes it back.
    ...(isAccepted && { accepted: true }),
    ...(known.length > 0 && { known: Object.fromEntries(known) }),
    ...(readUpTo !== undefined && { readUpTo }),
  };
}

/**
 * Puts messages into the place of an `own` message of which nobody knows any more whether it arrived. They say the same, and each
 * value bears the id of that message: if it did arrive, they change nothing, and they replace nothing that was said since.
 */
export async function sayAgain(
  database: Database,
  { sequence, messageId, peerId, content }: QueuedMessage,
  newMessageId: () => string,
): Promise<void> {
  const changes = Object.entries(ownChangesIn({ content })).map(([id, { readUpTo, ...values }]) => {
    const known = [...ownValuesIn(values, messageId)].filter(([name]) => !NOT_TOLD.has(name));
    const change: OwnChange = {
      ...(known.length > 0 && { known: Object.fromEntries(known) }),
      ...(readUpTo !== undefined && { readUpTo }),
    };
    return [id, change] as const;
  });
  const transaction = database.transaction("outbox", "readwrite", STRICT);
  await allOrNothing(transaction, async () => {
    // Another tab may have done it.
    if ((await transaction.store.get(sequence))?.messageId !== messageId) return;
    await transaction.store.delete(sequence);
    for (const again of packed(changes)) {
      const message = outgoingFrom({ peerId, type: "own", content: again, messageId: newMessageId() });
      await transaction.store.add({ ...message, mayHaveArrived: false });
    }
  });
}

/** As few JSON objects as have room for all changes. One that has no room in a message is left out. */
function packed(changes: readonly (readonly [id: string, change: OwnChange])[]): string[] {
  const parts: string[][] = [];
  let room = 0;
  for (const [id, change] of changes) {
    if (Object.keys(change).length === 0) continue;
    const field = `${JSON.stringify(id)}:${JSON.stringify(change)}`;
    // With a comma, and two braces around all.
    const size = byteLength(field) + 1;
    if (size > CONTENT_BYTES - 2) continue;
    if (size > room) {
      parts.push([]);
      room = CONTENT_BYTES - 2;
    }
    parts.at(-1)?.push(field);
    room -= size;
  }
  return parts.map((fields) => `{${fields.join(",")}}`);
}
