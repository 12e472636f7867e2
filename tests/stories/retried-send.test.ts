import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Client, NetworkError, newMessageId } from "../../lib/client/index.ts";
import { type Fault, startFaultProxy } from "../support/fault-proxy.ts";
import { type ClientPerson, newcomer } from "../support/people.ts";
import { type SharedStack, seedUser, sharedStack } from "../support/shared/index.ts";

const ONCE = { giveUpAfter: 0 };
const EMPTY = { messages: [], more: false };

/** More than the settled messages that a channel remembers at least. */
const FORGOTTEN_AFTER = 60;

let stack: SharedStack;
beforeAll(async () => {
  stack = await sharedStack();
});

interface Conversation {
  readonly sender: ClientPerson;
  readonly receiver: ClientPerson;
  /** The message whose answer is lost. */
  readonly message: { readonly to: string; readonly content: string; readonly messageId: string };
}

async function converse(): Promise<Conversation> {
  const [sender, receiver] = await Promise.all([
    newcomer(stack.url, { register: seedUser }),
    newcomer(stack.url, { register: seedUser }),
  ]);
  return { sender, receiver, message: { to: receiver.id, content: "hello", messageId: newMessageId() } };
}

/** A client of the sender's whose connections meet these faults. */
async function through(faults: Fault[], { sender }: Conversation, retry: { giveUpAfter?: number; base?: number }) {
  const proxy = await startFaultProxy({ port: stack.port, host: "localhost", next: () => faults.shift() ?? "none" });
  onTestFinished(() => proxy.close());
  return sender.at(proxy.url, retry);
}

/** Sends the message, and loses the answer. */
async function sendAndLose(conversation: Conversation): Promise<void> {
  const client = await through(["after"], conversation, ONCE);
  await expect(client.send(conversation.message)).rejects.toThrow(NetworkError);
}

/** Sends the message again, and is told the same whatever became of the first try. */
async function retry({ sender, message }: Conversation): Promise<void> {
  const { messageId } = message;
  const begin = Date.now();
  const answer = await sender.client.send(message);
  expect(answer).toEqual({ status: "received", messageId, sentAt: expect.any(String) });
  expect(Date.parse(answer.sentAt)).toBeGreaterThanOrEqual(begin);
}

/** The first batch, in which the message must be, unsettled. */
async function takeOut(client: Client, { message: { messageId } }: Conversation) {
  const batch = await client.sync({ ack: client.session?.receipt });
  expect(batch.messages).toMatchObject([{ messageId, content: "hello", redelivered: false }]);
  return batch;
}

describe("a send whose answer is lost, and which is retried, is delivered once", () => {
  it("before the delivery", async () => {
    const conversation = await converse();
    const { receiver, message } = conversation;
    // The client's own retries: the first answer is lost, the second one arrives half, the third request not at all.
    const client = await through(["after", "middle", "before"], conversation, { base: 1 });
    const failures: unknown[] = [];
    const sent = await client.send({ ...message, onRetry: (error) => void failures.push(error) });
    expect(sent).toEqual({ status: "received", messageId: message.messageId, sentAt: expect.any(String) });
    expect(failures).toHaveLength(3);

    const { receipt } = await takeOut(receiver.client, conversation);
    expect(await receiver.client.sync({ ack: receipt })).toMatchObject(EMPTY);
  });

  it("after the delivery, while the message is not settled yet", async () => {
    const conversation = await converse();
    const { receiver } = conversation;
    await sendAndLose(conversation);
    const { receipt } = await takeOut(receiver.client, conversation);
    await retry(conversation);
    expect(await receiver.client.sync({ ack: receipt })).toMatchObject(EMPTY);
    expect(await receiver.client.sync({ ack: receipt })).toMatchObject(EMPTY);
  });

  it("after its deletion", async () => {
    const conversation = await converse();
    const { receiver } = conversation;
    await sendAndLose(conversation);
    const { receipt } = await takeOut(receiver.client, conversation);
    expect(await receiver.client.sync({ ack: receipt })).toMatchObject(EMPTY);
    // The item was gone, and the retry has put it back.
    await retry(conversation);
    expect(await receiver.client.sync({ ack: receipt })).toMatchObject(EMPTY);
    // The sync has swept it away, so that it can be put back once more.
    await retry(conversation);
    expect((await receiver.postSync()).body).toMatchObject(EMPTY);
  });

  it("after a two-parameter sync took and deleted it", async () => {
    const conversation = await converse();
    const { receiver, message } = conversation;
    await sendAndLose(conversation);
    const { body } = await receiver.postSync();
    expect(body.messages).toMatchObject([{ messageId: message.messageId, redelivered: false }]);
    await retry(conversation);
    expect((await receiver.postSync()).body).toMatchObject(EMPTY);
    expect(await receiver.client.sync({ ack: receiver.session.receipt })).toMatchObject(EMPTY);
  });

  it("so long after its deletion that the channel has forgotten it: then flagged, and `receive` skips it", async () => {
    const conversation = await converse();
    const { sender, receiver, message } = conversation;
    await sendAndLose(conversation);
    const got: string[] = [];
    const inbox = receiver.client.receive({ limit: 20, poll: { min: 1, max: 1 } });
    for await (const { content } of inbox) {
      got.push(content);
      if (got.length > FORGOTTEN_AFTER) break;
      await sender.client.send({ to: receiver.id, content: `No. ${got.length}` });
    }
    const { state } = inbox;
    expect(await receiver.client.sync({ ack: state.receipt })).toMatchObject(EMPTY);

    await retry(conversation);
    const { messages } = await receiver.client.sync({ ack: state.receipt });
    expect(messages).toMatchObject([{ messageId: message.messageId, redelivered: true }]);

    await sender.client.send({ to: receiver.id, content: "last" });
    for await (const { content } of receiver.client.receive({ state })) {
      got.push(content);
      if (content === "last") break;
    }
    const numbered = Array.from({ length: FORGOTTEN_AFTER }, (_, i) => `No. ${i + 1}`);
    expect(got).toEqual(["hello", ...numbered, "last"]);
  });
});
