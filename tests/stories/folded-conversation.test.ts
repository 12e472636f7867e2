import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import {
  Client,
  type FoldedMessage,
  type Message,
  type Outgoing,
  Receipts,
  realTiming,
  tickOf,
} from "../../lib/client/index.ts";
import { FoldedStore } from "../support/folded-store.ts";
import { type SharedStack, seedUser, sharedStack } from "../support/shared/index.ts";

let stack: SharedStack;
beforeAll(async () => {
  stack = await sharedStack();
});

/** A device that folds what it gets and what it has sent, as the page does. */
class Device {
  readonly client: Client;
  readonly id: string;
  readonly store: FoldedStore;

  private constructor(client: Client, id: string) {
    this.client = client;
    this.id = id;
    this.store = new FoldedStore(id);
  }

  static async logIn(credentials: { username: string; password: string }, deviceName: string): Promise<Device> {
    const client = new Client({ url: stack.url, live: false });
    const { id } = await client.login({ ...credentials, deviceName });
    return new Device(client, id);
  }

  async send(outgoing: Outgoing): Promise<string> {
    const { messageId, sentAt } = await this.client.send(outgoing);
    const { to: toId, content, type, about, quiet } = outgoing;
    const senderName = this.client.session?.username ?? "";
    const sent = { messageId, sentAt, senderId: this.id, senderName, toId, content, redelivered: false };
    this.store.fold([{ ...sent, type, ...(about !== undefined && { about }), ...(quiet && { quiet }) } as Message]);
    return messageId;
  }

  /** Receives all that waits. @returns the types of it */
  async receive(receipts = false): Promise<string[]> {
    const messages: Message[] = [];
    const options = { follow: false, quiet: true, ownCopies: true, receipts };
    for await (const message of this.client.receive(options)) messages.push(message);
    this.store.fold(messages);
    return messages.map(({ type = "none" }) => type);
  }

  /** What this device knows of the conversation; receipts are the sender's alone. Times of what is sent differ by device. */
  get shown(): unknown[] {
    const plain = ({ receipts: _, sentAt: __, edited, deleted, reactions = {}, ...rest }: FoldedMessage) => ({
      ...rest,
      conversationId: [rest.conversationId, this.id].sort(),
      isEdited: edited !== undefined,
      isDeleted: deleted !== undefined,
      reactions: Object.entries(reactions).map(([id, { emoji, name }]) => [id, emoji, name]),
    });
    return [...this.store.messages.values()].map(plain).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  message(messageId: string): FoldedMessage {
    const found = [...this.store.messages.values()].find((message) => message.messageId === messageId);
    return found ?? expect.fail("not there");
  }
}

async function person(name: string): Promise<{ readonly devices: readonly [Device, Device]; readonly shared: Client }> {
  const credentials = { username: `${name}-${randomUUID().slice(0, 8)}`, password: randomUUID() };
  await seedUser(credentials);
  const shared = new Client({ url: stack.url, live: false });
  await shared.login(credentials);
  const devices = [await Device.logIn(credentials, "phone"), await Device.logIn(credentials, "laptop")] as const;
  return { devices, shared };
}

it("two people with two devices each see the same of what was said, edited, deleted and reacted to", async () => {
  const [alice, bob] = await Promise.all([person("alice"), person("bob")]);
  const [alicePhone, aliceLaptop] = alice.devices;
  const [bobPhone, bobLaptop] = bob.devices;
  const [toBob, toAlice] = [{ to: bobPhone.id }, { to: alicePhone.id }];

  const question = await alicePhone.send({ ...toBob, type: "text", content: "At nine?" });
  const secret = await alicePhone.send({ ...toBob, type: "text", content: "secret" });
  expect(await bobPhone.receive(true)).toEqual(["text", "text"]);
  const answer = await bobPhone.send({ ...toAlice, type: "text", content: "Fine.", about: question });
  await aliceLaptop.receive();
  await aliceLaptop.send({ ...toBob, type: "edit", about: question, content: "At ten?" });
  await aliceLaptop.send({ ...toBob, type: "deletion", about: secret, content: "" });
  await aliceLaptop.send({ ...toBob, type: "reaction", about: answer, content: "👍" });
  const thrice = { ...toAlice, type: "reaction", about: question };
  for (const content of ["🎉", "👎", ""]) await bobPhone.send({ ...thrice, content });
  await bobPhone.send({ ...toAlice, type: "poll/vote", quiet: true, content: "yes" });
  // An edit of what another person has said, which any client can send.
  await bobPhone.send({ ...toAlice, type: "edit", about: secret, content: "mine" });
  for (const device of [...alice.devices, ...bob.devices]) await device.receive();

  expect(bobLaptop.shown).toEqual(bobPhone.shown);
  expect(alicePhone.shown).toEqual(bobPhone.shown);
  expect(aliceLaptop.shown).toEqual(bobPhone.shown);
  expect(bobLaptop.message(question)).toMatchObject({ content: "At ten?", edited: {}, reactions: {} });
  expect(bobLaptop.message(secret)).toMatchObject({ content: "", deleted: expect.any(String) });
  expect(bobLaptop.message(answer)).toMatchObject({ about: question, reactions: { [alicePhone.id]: { emoji: "👍" } } });

  const ticksOf = (device: Device) => [question, secret].map((id) => tickOf(device.message(id)));
  expect([ticksOf(alicePhone), ticksOf(aliceLaptop)]).toEqual([
    ["delivered", "delivered"],
    ["delivered", "delivered"],
  ]);
  const receipts = new Receipts({ timing: realTiming, ownId: bobLaptop.id, send: (one) => bobLaptop.client.send(one) });
  receipts.read([bobLaptop.message(question)]);
  await receipts.flush();
  expect([await alicePhone.receive(), await aliceLaptop.receive()]).toEqual([["read"], ["read"]]);
  expect([ticksOf(alicePhone), ticksOf(aliceLaptop)]).toEqual([
    ["read", "delivered"],
    ["read", "delivered"],
  ]);
  expect(await bobPhone.receive()).toEqual([]);
});

it("a bot gets the texts, and neither reactions nor receipts", async () => {
  const [alice, bot] = await Promise.all([person("alice"), person("bot")]);
  const [phone] = alice.devices;
  const to = bot.shared.session?.id ?? "";
  const about = await phone.send({ to, content: "Hello" });
  await phone.send({ to, type: "reaction", about, content: "👍" });
  await phone.send({ to, type: "edit", about, content: "Hi" });
  await phone.send({ to, type: "deletion", about, content: "" });
  await phone.send({ to, type: "delivered", content: "[]" });
  const got: string[] = [];
  for await (const { content } of bot.shared.receive({ follow: false, receipts: true })) got.push(content);
  expect(got).toEqual(["Hello"]);
  const rest = await bot.shared.sync();
  expect([rest.messages, rest.more]).toEqual([[], false]);
  // The text has no type, as goTalk's first clients send it.
  expect(await phone.receive()).toEqual([]);
});

it("what one device has read, muted and pinned the other one knows", async () => {
  const [alice, bob] = await Promise.all([person("alice"), person("bob")]);
  const [phone, laptop] = alice.devices;
  const other = bob.devices[0].id;
  const readUpTo = { sentAt: "2026-01-01T00:00:00.000Z", id: `${other}/1` };
  await phone.send({ to: phone.id, type: "own", content: JSON.stringify({ [other]: { muted: true, readUpTo } }) });
  expect(await laptop.receive()).toEqual(["own"]);
  const known = { readUpTo, own: { muted: { value: true } } };
  expect(laptop.store.conversations.get(other)).toMatchObject(known);
  await phone.receive();
  expect(phone.store.all).toEqual(laptop.store.all);
});
