import fc from "fast-check";
import { isGroupId, keyOf, type Message } from "../../lib/client/index.ts";
import {
  deletion,
  edit,
  file,
  groupEvent,
  ME,
  own,
  reaction,
  receipt,
  redelivered,
  text,
  toGroup,
  toPerson,
  unknown,
} from "./messages.ts";

/* Few people, ids and conversations, so that messages meet. */

/** Who may send something. */
export const PEOPLE = [ME, "alice", "zoe"];
const GROUPS = ["g-1", "g-2"];
const IDS = ["1", "2", "3", "4", "5", "6"];
const CONVERSATIONS = [...PEOPLE, ...GROUPS];

const id = fc.constantFrom(...IDS);
/** Times in another order than ids, and equal ones. */
const sentAt = fc.integer({ min: 1, max: 4 }).map((second) => `2026-01-01T00:00:0${second}.000Z`);

/** Where a message goes: to this user, from this user to somebody, or to a group. */
const place = fc
  .tuple(fc.constantFrom(...PEOPLE), fc.constantFrom(...CONVERSATIONS))
  .map(([senderId, to]) => ({ senderId, fields: fieldsTo(senderId, to) }));

function fieldsTo(senderId: string, to: string) {
  if (isGroupId(to)) return toGroup(to);
  return senderId === ME && to !== ME ? toPerson(to) : {};
}

const position = fc.record({ sentAt, id: fc.constantFrom("alice/1", "alice/2", "me/1") });

/** A value that one device passes on to another. Its first message is another one than those here. */
const passedOn = fc
  .constantFrom("1 before", "3 before", "7 before")
  .map((messageId) => ({ value: `of ${messageId}`, messageId }));

const change = fc.record(
  {
    readUpTo: position,
    accepted: fc.boolean(),
    muted: fc.boolean(),
    pinned: fc.boolean(),
    later: fc.integer(),
    known: fc.dictionary(fc.constantFrom("muted", "archived"), passedOn),
  },
  { requiredKeys: [] },
);

const message = fc
  .tuple(place, fc.uuid(), sentAt)
  .chain(([{ senderId, fields }, name, time]): fc.Arbitrary<Message> => {
    const at = { ...fields, sentAt: time, senderName: `${senderId} at ${time}` };
    const titled = { ...at, ...(at.toName !== undefined && { toName: `${at.toId} at ${time}` }) };
    return fc.oneof(
      { weight: 4, arbitrary: id.map((one) => text(one, senderId, titled)) },
      id.map((one) => text(one, senderId, { ...titled, about: "1" })),
      id.map((one) => file(one, senderId, titled)),
      id.map((one) => unknown(one, senderId, titled)),
      fc
        .tuple(id, fc.nat({ max: 4 }))
        .map(([one, version]) => groupEvent(one, senderId, "g-1", { version, event: "renamed" })),
      {
        weight: 3,
        arbitrary: fc.tuple(id, id).map(([one, about]) => edit(one, senderId, about, { ...at, content: name })),
      },
      fc.tuple(id, id).map(([one, about]) => deletion(one, senderId, about, at)),
      {
        weight: 3,
        arbitrary: fc
          .tuple(id, id, fc.constantFrom("👍", "🎉", ""))
          .map(([one, about, emoji]) => reaction(one, senderId, about, emoji, at)),
      },
      fc
        .tuple(fc.constantFrom("delivered" as const, "read" as const), id, fc.uniqueArray(id))
        .map(([type, one, about]) => receipt(type, one, senderId, about, at)),
      fc
        .tuple(id, fc.dictionary(fc.constantFrom(...CONVERSATIONS), change))
        .map(([one, changes]) => own(one, changes, senderId, at)),
    );
  });

/** Messages as a server may have them: what a sender and an id name is one message. */
export const messages = fc.uniqueArray(message, { selector: keyOf, maxLength: 25 });

/** The same messages as a device may get them: in any order, in batches, some again. */
export const deliveries = (sent: readonly Message[]): fc.Arbitrary<Message[][]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...sent], { minLength: sent.length }),
      fc.shuffledSubarray([...sent]),
      fc.array(fc.nat({ max: 2 * sent.length }), { maxLength: 6 }),
    )
    .map(([first, again, cuts]) => {
      const all = [...first];
      for (const [index, one] of redelivered(again).entries()) all.splice((index * 7) % (all.length + 1), 0, one);
      const ends = [...cuts, all.length].sort((a, b) => a - b);
      return ends.map((end, index) => all.slice(ends[index - 1] ?? 0, end));
    });
