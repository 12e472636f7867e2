import { expect, it, onTestFinished } from "vitest";
import { MessageStore } from "../../lib/channel/message-store.ts";
import { Sending } from "../../lib/channel/sending.ts";
import { newMessageId } from "../../lib/client/index.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { atOnce, newcomer } from "../support/people.ts";
import { startStack } from "../support/stack.ts";
import { startMeter, type Usage } from "./meter.ts";

const MESSAGES = 20_000;
const TENTH = MESSAGES / 10;
const WRITING_AT_ONCE = 16;
const LARGEST_RATIO = 1.1;

it("a channel of 20,000 messages is drained in order, at a cost per message that stays flat", {
  timeout: 600_000,
}, async () => {
  const engine = await startEngine();
  onTestFinished(() => engine.stop());
  const meter = await startMeter(engine.endpoint);
  onTestFinished(() => meter.close());
  const stack = await startStack({ env: { AWS_ENDPOINT_URL_DYNAMODB: meter.endpoint } });
  onTestFinished(async () => void (await stack.stop()));
  const [sender, receiver] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
  const messages = Array.from({ length: MESSAGES }, (_, i) => ({ messageId: newMessageId(), content: `No. ${i}` }));
  await fill(engine, receiver.id, { senderId: sender.id, senderName: sender.username }, messages);

  const marks = [meter.usage()];
  const received: string[] = [];
  const inbox = receiver.client.receive();
  for await (const { messageId, content, redelivered } of inbox) {
    received.push(`${messageId} ${content} ${redelivered}`);
    if (received.length % TENTH === 0) marks.push(meter.usage());
    if (received.length === MESSAGES) break;
  }
  expect(received).toEqual(messages.map(({ messageId, content }) => `${messageId} ${content} false`));
  expect(await receiver.client.sync({ ack: inbox.state.receipt })).toMatchObject({ messages: [], more: false });

  const tenths = marks.slice(1).map((mark, i) => between(marks[i] as Usage, mark));
  for (const kind of ["calls", "readUnits", "writeUnits"] as const) {
    const costs = tenths.map((usage) => usage[kind]);
    expect(Math.min(...costs), kind).toBeGreaterThan(0);
    expect(Math.max(...costs) / Math.min(...costs), `${kind} of each tenth: ${costs}`).toBeLessThanOrEqual(
      LARGEST_RATIO,
    );
  }
});

interface Sender {
  readonly senderId: string;
  readonly senderName: string;
}

/** Past the API, which has its own stories: 20,000 requests would take minutes. */
async function fill(
  { client, tables }: TestEngine,
  channel: string,
  sender: Sender,
  messages: readonly { readonly messageId: string; readonly content: string }[],
): Promise<void> {
  const sending = new Sending(new MessageStore(client, tables.channels), Date.now);
  await atOnce(WRITING_AT_ONCE, messages, (message) => sending.send({ ...sender, ...message }, [{ channel }]));
}

const between = (from: Usage, to: Usage): Usage => ({
  calls: to.calls - from.calls,
  readUnits: to.readUnits - from.readUnits,
  writeUnits: to.writeUnits - from.writeUnits,
});
