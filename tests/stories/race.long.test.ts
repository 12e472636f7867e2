import { beforeAll, describe, expect, it } from "vitest";
import { type Batch, newMessageId } from "../../lib/client/index.ts";
import { EXACTLY_ONCE, isInOrder, Ledger, nameOf } from "../support/ledger.ts";
import { type Answer, atOnce, type ClientPerson, newcomer } from "../support/people.ts";
import { type SharedStack, seedUser, sharedStack } from "../support/shared/index.ts";

const MESSAGES = 1_000;
const SYNCS_AT_ONCE = 12;
const SENDING_AT_ONCE = 6;

let stack: SharedStack;
beforeAll(async () => {
  stack = await sharedStack();
});

describe("twelve two-parameter syncs at once with one token, over and over", () => {
  it.each([
    { batches: "of the usual size", fields: {} },
    { batches: "of 7, so that far more of them race", fields: { limit: "7" } },
  ])("take each of 1,000 messages exactly once, in batches $batches", async ({ fields }) => {
    const ledger = new Ledger();
    const [sender, receiver] = await Promise.all([
      newcomer(stack.url, { register: seedUser }),
      newcomer(stack.url, { register: seedUser }),
    ]);
    const messages = Array.from({ length: MESSAGES }, (_, i) => ({ messageId: newMessageId(), content: `No. ${i}` }));
    await atOnce(SENDING_AT_ONCE, messages, async ({ messageId, content }) => {
      const name = nameOf({ messageId, senderId: sender.id });
      ledger.begin({ name, sender: sender.id, content });
      await sender.client.send({ to: receiver.id, content, messageId });
      ledger.accept(name);
    });

    const batches = await drain(receiver, fields);
    for (const message of batches.flatMap((batch) => batch.messages)) {
      ledger.deliver({ name: nameOf(message), ...message });
    }
    expect(ledger.accepted).toBe(MESSAGES);
    expect(ledger.verdict()).toEqual(EXACTLY_ONCE);
    expect(ledger.newFlagged).toEqual([]);
    expect(batches.filter(({ messages }) => !isInOrder(messages.map(nameOf)))).toEqual([]);
  });
});

/** Syncs in rounds until a whole round finds nothing. */
async function drain(receiver: ClientPerson, fields: { limit?: string }): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (;;) {
    const round = await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, () => receiver.postSync(fields)));
    // A sync that the others outran each time may say "try again".
    for (const { status } of round) expect([200, 503]).toContain(status);
    const answered = round.filter(isBatch).map(({ body }) => body);
    batches.push(...answered);
    const foundNothing = answered.every(({ messages, more }) => messages.length === 0 && !more);
    if (foundNothing && answered.length === SYNCS_AT_ONCE) return batches;
  }
}

const isBatch = ({ status }: Answer<Batch>): boolean => status === 200;
