import fc from "fast-check";
import { v7 } from "uuid";
import { type StoredMessage, storedFrom } from "../../../static/src/storage/records.ts";

/** Their histories are the ones below. */
export const OWNER = { id: "0e000000-0000-4000-8000-00000000000a", username: "alice" } as const;

/** People whom they write with; the last one is they themselves. */
export const PEOPLE = [
  { peerId: "0e000000-0000-4000-8000-00000000000b", name: "bob" },
  { peerId: "0e000000-0000-4000-8000-00000000000c", name: "carol" },
  { peerId: OWNER.id, name: OWNER.username },
] as const;

const START = Date.parse("2026-03-01T12:00:00.000Z");

/** Texts that a file, a page or JSON could take for something else. */
const texts = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
  fc.constantFrom(
    "\n",
    "a\r\nb",
    "\u2028",
    "\ufeff",
    "\u0000",
    "{}",
    '","type":"end"}',
    "<img src=x onerror=alert(1)>",
  ),
  fc.constantFrom("\u202etxt", "👩‍👩‍👧‍👦", "x".repeat(16_384), "\u0001".repeat(16_384), "é".repeat(8_192)),
);

/** A message with another number has another id. Several have the same time. */
export const messageOf = (
  number: number,
  person: number,
  isOwn: boolean,
  second: number,
  content: string,
): StoredMessage => {
  const peerId = PEOPLE[person]?.peerId ?? OWNER.id;
  const senderId = isOwn ? OWNER.id : peerId;
  const msecs = START + 1_000 * second;
  const random = Uint8Array.from({ length: 16 }, (_, index) => (index < 12 ? 0 : number >>> (8 * (index - 12))));
  const messageId = v7({ msecs, seq: number, random });
  const senderName = PEOPLE.find((one) => one.peerId === senderId)?.name ?? "";
  const sentAt = new Date(msecs).toISOString();
  return storedFrom({
    id: `${senderId}/${messageId}`,
    messageId,
    conversationId: peerId,
    senderId,
    senderName,
    content,
    sentAt,
  });
};

const parts = fc.record({
  person: fc.nat(PEOPLE.length - 1),
  isOwn: fc.boolean(),
  second: fc.nat(20),
  content: texts,
});

/** Messages with ids of their own, in any order. */
export const histories = (maxLength: number): fc.Arbitrary<StoredMessage[]> =>
  fc
    .array(parts, { maxLength })
    .map((all) =>
      all.map(({ person, isOwn, second, content }, index) => messageOf(index, person, isOwn, second, content)),
    );
