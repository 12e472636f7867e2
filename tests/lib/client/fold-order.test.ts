import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  conversationOf,
  deletedHere,
  type FoldedConversation,
  type FoldedMessage,
  groupEventIn,
  isGroupId,
  keyOf,
  type Message,
  messageIdsIn,
  ownChangesIn,
  type Position,
  type ReactionMessage,
} from "../../../lib/client/index.ts";
import { FoldedStore } from "../../support/folded-store.ts";
import { deliveries, messages, PEOPLE } from "../../support/message-sets.ts";
import { ME, redelivered } from "../../support/messages.ts";

const delivered = messages.chain((sent) => fc.tuple(fc.constant(sent), deliveries(sent)));

const folded = (batches: readonly (readonly Message[])[]): FoldedStore =>
  batches.reduce<FoldedStore>((store, batch) => store.fold(batch), new FoldedStore());

const RUNS = { numRuns: 1_000 };

/* What is expected, said of the whole set at once. */

const here = (one: Message): string => conversationOf(one, ME);
const last = <T extends Message>(all: readonly T[]): T | undefined =>
  all.toSorted((a, b) => (a.messageId < b.messageId ? -1 : 1)).at(-1);
const first = (all: readonly Message[]): string | undefined => all.map((one) => one.sentAt).toSorted()[0];
const inOrder = (a: Position, b: Position): number => `${a.sentAt} ${a.id}`.localeCompare(`${b.sentAt} ${b.id}`, "en");
const SAYING = ["edit", "deletion", "reaction", "delivered", "read", "own"];
const isStanding = ({ type = "text" }: Message): boolean => !SAYING.includes(type);

function expectedMessage(one: Message, all: readonly Message[]): FoldedMessage {
  const { senderId, messageId } = one;
  const about = all.filter((mark) => mark.about === messageId && here(mark) === here(one));
  const byOwn = about.filter((mark) => mark.senderId === senderId);
  const isText = one.type === "text";
  const edited = isText ? last(byOwn.filter(({ type }) => type === "edit")) : undefined;
  const deleted = one.type === "group" ? undefined : first(byOwn.filter(({ type }) => type === "deletion"));
  const rivals = all.filter((other) => isStanding(other) && other.messageId === messageId && here(other) === here(one));
  const isMeant = rivals.every((other) => other.senderId >= senderId);
  const reactions = isMeant ? about.filter((mark): mark is ReactionMessage => mark.type === "reaction") : [];
  const receipts = all.filter(
    (mark) =>
      (mark.type === "delivered" || mark.type === "read") &&
      messageIdsIn(mark).includes(messageId) &&
      senderId === ME &&
      mark.senderId !== ME &&
      (isGroupId(here(one)) || here(one) === mark.senderId),
  );
  const reactors = PEOPLE.flatMap((person) => last(reactions.filter((mark) => mark.senderId === person)) ?? []);
  const tellers = PEOPLE.filter((person) => receipts.some((mark) => mark.senderId === person));
  return {
    id: keyOf(one),
    messageId,
    conversationId: here(one),
    senderId,
    senderName: one.senderName,
    type: one.type as NonNullable<FoldedMessage["type"]>,
    ...(one.about !== undefined && { about: one.about }),
    content: deleted === undefined ? (edited ?? one).content : "",
    sentAt: one.sentAt,
    ...(edited && deleted === undefined && { edited: { messageId: edited.messageId, sentAt: edited.sentAt } }),
    ...(deleted !== undefined && { deleted }),
    ...(reactors.length > 0 && {
      reactions: Object.fromEntries(
        reactors.map((mark) => [
          mark.senderId,
          { emoji: mark.content, name: mark.senderName, messageId: mark.messageId, sentAt: mark.sentAt },
        ]),
      ),
    }),
    ...(tellers.length > 0 && {
      receipts: Object.fromEntries(
        tellers.map((person) => {
          const told = receipts.filter((mark) => mark.senderId === person);
          const read = first(told.filter(({ type }) => type === "read"));
          return [person, { delivered: first(told) ?? "", ...(read !== undefined && { read }) }];
        }),
      ),
    }),
  };
}

function expectedConversation(name: string, all: readonly Message[]): FoldedConversation {
  const inside = all.filter((one) => isStanding(one) && here(one) === name);
  const positions = inside
    .map((one) => ({ sentAt: one.sentAt, id: keyOf(one), text: one.toId === name ? one.toName : one.senderName }))
    .toSorted(inOrder);
  const newest = positions.at(-1);
  const versions = inside.map((one) => (one.type === "group" ? groupEventIn(one).version : 0));
  const changes = all
    .flatMap((one) => (one.type === "own" && one.senderId === ME ? [[one.messageId, ownChangesIn(one)] as const] : []))
    .flatMap(([messageId, said]) => (said[name] === undefined ? [] : [[messageId, said[name]] as const]))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const readUpTo = changes
    .flatMap(([, said]) => said.readUpTo ?? [])
    .toSorted(inOrder)
    .at(-1);
  const values = changes
    .flatMap(([messageId, { readUpTo: _, known = {}, ...said }]) => [
      ...Object.entries(said).map(([key, value]) => [key, { value, messageId }] as const),
      ...Object.entries(known),
    ])
    .toSorted(([, a], [, b]) => (a.messageId < b.messageId ? -1 : 1));
  return {
    id: name,
    ...(newest && { name: newest as Position & { text: string } }),
    ...(inside.some(({ senderId }) => senderId === ME) && { isAnswered: true }),
    ...(Math.max(0, ...versions) > 0 && { version: Math.max(...versions) }),
    ...(readUpTo && { readUpTo }),
    ...(values.length > 0 && { own: Object.fromEntries(values) }),
  };
}

describe("folding", () => {
  it("is the same for every order, every division into batches, and any repeats", () => {
    fc.assert(
      fc.property(delivered, ([sent, batches]) => {
        expect(folded(batches).all).toEqual(folded([sent]).all);
      }),
      RUNS,
    );
  });

  it("writes nothing for what is known", () => {
    fc.assert(
      fc.property(delivered, ([sent, batches]) => {
        expect(folded([...batches, redelivered(sent)]).written).toBe(0);
      }),
      RUNS,
    );
  });

  it("makes of each message what all that is about it says", () => {
    fc.assert(
      fc.property(delivered, ([sent, batches]) => {
        const standing = sent.filter(isStanding);
        const expected = standing.map((one) => [keyOf(one), expectedMessage(one, sent)]);
        expect(Object.fromEntries(folded(batches).messages)).toEqual(Object.fromEntries(expected));
      }),
      RUNS,
    );
  });

  it("makes of each conversation what its messages and the user's own devices say", () => {
    fc.assert(
      fc.property(delivered, ([sent, batches]) => {
        const { conversations } = folded(batches);
        for (const conversation of conversations.values()) {
          expect(conversation).toEqual(expectedConversation(conversation.id, sent));
        }
        for (const one of sent.filter(isStanding)) expect(conversations.has(here(one))).toBe(true);
      }),
      RUNS,
    );
  });

  it("keeps what waits for a message only until it is there", () => {
    fc.assert(
      fc.property(delivered, ([sent, batches]) => {
        const { waiting, messages: there } = folded(batches);
        for (const { messageId, marks } of waiting.values()) {
          const reactions = Object.values(marks).filter(({ kind }) => kind === "reaction");
          for (const { conversationId } of reactions) {
            const isThere = [...there.values()].some(
              (one) => one.messageId === messageId && one.conversationId === conversationId,
            );
            expect(isThere).toBe(false);
          }
        }
        const said = sent.filter((one) => !isStanding(one) && one.type !== "own");
        const about = new Set(said.flatMap((one) => one.about ?? messageIdsIn(one as { content: string })));
        expect([...waiting.keys()].filter((one) => !about.has(one))).toEqual([]);
      }),
      RUNS,
    );
  });

  it("never brings back what was deleted here, and changes nothing else by that", () => {
    fc.assert(
      fc.property(delivered, fc.nat(), fc.nat(), ([sent, batches], moment, which) => {
        const undisturbed = folded(batches);
        const before = folded(batches.slice(0, moment % (batches.length + 1)));
        const there = [...before.messages.values()];
        const victim = there[which % (there.length || 1)];
        if (victim === undefined) return;
        before.messages.set(victim.id, deletedHere(victim));
        for (const batch of [...batches, sent]) before.fold(batch);
        const kept = undisturbed.messages.get(victim.id);
        undisturbed.messages.set(victim.id, { ...(kept ?? victim), content: "", deletedHere: true });
        expect(before.all).toEqual(undisturbed.all);
      }),
      RUNS,
    );
  });
});
