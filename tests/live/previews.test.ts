import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Memory } from "../../lib/channel/memory.ts";
import type { Destination } from "../../lib/devices/fan-out.ts";
import type { Parties } from "../../lib/devices/parties.ts";
import { SendWakes } from "../../lib/devices/send-wakes.ts";
import { Connections } from "../../lib/live/connections.ts";
import type { Listeners } from "../../lib/live/listeners.ts";
import type { LiveGateway } from "../../lib/live/live-gateway.ts";
import { Wakes } from "../../lib/live/wakes.ts";
import { type Api, json } from "../support/api.ts";
import { Recorder, roundTrips } from "../support/capacity/recorder.ts";
import { type DatabaseGate, startDatabaseGate } from "../support/database-gate.ts";
import { giveDevices } from "../support/device-maps.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { claimOf, newPerson, newUsername, PASSWORD, type Person } from "../support/logins.ts";
import { type Management, startManagement } from "../support/management.ts";
import { messageIdAt } from "../support/message-ids.ts";

const WAKE = '{"type":"wake"}';
const MOST_BYTES = 32_000;

let engine: TestEngine;
let gate: DatabaseGate;
let management: Management;
let functions: MadeFunctions;
let api: Api;
let recorder: Recorder;
let connections: Connections;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  engine = await startEngine();
  gate = await startDatabaseGate(engine.endpoint);
  management = await startManagement();
  functions = await makeFunctions(engine, { endpoint: gate.endpoint, liveEndpoint: management.endpoint });
  api = eventsApi(functions);
  recorder = new Recorder(functions.foundation.database);
  connections = new Connections(engine.accounts, Date.now);
});
afterAll(async () => {
  await management.close();
  await gate.close();
  await engine.stop();
});
beforeEach(async () => {
  gate.harm(() => "pass");
  [alice, bob] = await Promise.all([newPersonOn("Alice's laptop"), newPersonOn("Bob's laptop")]);
  management.take();
});

/** A session on a device of its own. */
async function logInOn({ username, password }: Pick<Person, "username" | "password">, name: string): Promise<Person> {
  const { status, body, text } = await api(json("/login", { username, password, deviceName: name }));
  if (status !== 200) throw new Error(`not logged in: ${text}`);
  const [id, token, receipt] = [String(body["id"]), String(body["token"]), String(body["receipt"])];
  return { id, username, password, token, receipt };
}

/** Somebody with this device, and no other. */
async function newPersonOn(deviceName: string): Promise<Person> {
  const credentials = { username: newUsername(), password: PASSWORD };
  await api(json("/register", credentials));
  return logInOn(credentials, deviceName);
}

type Device = Parameters<Connections["add"]>[1];

/** A connection of a session, as its proof stores it. */
async function connect({ token }: Person, more: Partial<Device> = {}): Promise<string> {
  const connectionId = `${randomUUID().slice(0, 8)}=`;
  management.fates.set(connectionId, "there");
  await connections.add(connectionId, { ...(await functions.foundation.tokens.open(token)), ...more });
  return connectionId;
}

const send = (fields: object = {}) =>
  api(json("/send", { ...claimOf(alice), sendToId: bob.id, content: "Hello", ...fields }));

const sync = async (person: Person, fields: object = {}) =>
  (await api(json("/sync", { ...claimOf(person), ack: person.receipt, ...fields }))).body;

/** What each connection was told. */
const heard = (): Record<string, string> =>
  Object.fromEntries(management.take().map(({ connectionId, body }) => [connectionId, body]));

describe("a connection of a personal device", () => {
  it("is told the message as its sync hands it out", async () => {
    const [one, other] = [await connect(bob), await connect(bob)];
    expect((await send()).status).toBe(202);
    const told = heard();
    const { messages } = await sync(bob);
    expect(messages).toHaveLength(1);
    const frame = JSON.stringify({ type: "message", message: (messages as object[])[0] });
    expect(told).toEqual({ [one]: frame, [other]: frame });
  });

  it.each<[string, string | undefined]>([
    ["the client", messageIdAt(0)],
    ["the server", undefined],
  ])("is told it under the id that %s has made", async (_, messageId) => {
    const connectionId = await connect(bob);
    const { body } = await send(messageId === undefined ? {} : { messageId });
    expect(JSON.parse(heard()[connectionId] ?? "{}")).toMatchObject({ message: { messageId: body["messageId"] } });
  });

  it("is told it on each of the receiver's devices, and with its receiver on the sender's other ones", async () => {
    const [phone, tablet] = [await logInOn(bob, "Bob's phone"), await logInOn(alice, "Alice's tablet")];
    const ids = [await connect(bob), await connect(phone), await connect(tablet), await connect(alice)];
    await send();
    const told = heard();
    const received = await Promise.all([bob, phone, tablet].map((person) => sync(person)));
    const frames = received.map(({ messages }) =>
      JSON.stringify({ type: "message", message: (messages as object[])[0] }),
    );
    // Nothing on the device that has sent it.
    expect(told).toEqual({ [ids[0] ?? ""]: frames[0], [ids[1] ?? ""]: frames[1], [ids[2] ?? ""]: frames[2] });
    expect(JSON.parse(frames[0] ?? "")["message"]).not.toHaveProperty("toId");
    expect(JSON.parse(frames[2] ?? "")).toMatchObject({ message: { toId: bob.id, toName: bob.username } });
  });

  it.each([0, 1])("is told so of a frame of up to 32,000 bytes, and is woken by what has %s more", async (more) => {
    const connectionId = await connect(bob);
    await send({ content: "x" });
    const room = MOST_BYTES - Buffer.byteLength(heard()[connectionId] ?? "") + 1;
    // JSON writes this control character in six bytes. A text has something to be seen.
    const controls = Math.floor(room / 6) - 1;
    const content = "\u0001".repeat(controls) + "x".repeat(room - 6 * controls + more);
    expect((await send({ content })).status).toBe(202);
    const frame = heard()[connectionId] ?? "";
    if (more > 0) expect(frame).toBe(WAKE);
    else expect([Buffer.byteLength(frame), JSON.parse(frame).message.content]).toEqual([MOST_BYTES, content]);
  });

  it("is only woken by the longest texts, if they have many control characters", async () => {
    const connectionId = await connect(bob);
    for (const [content, isTold] of [
      [`x${"\u0001".repeat(8_000)}`, false],
      // 32,000 bytes have fewer characters where some take more than one.
      ["\u0001".repeat(4_500) + "\u00e9".repeat(2_500), false],
      ["x".repeat(16_384), true],
      ["\u{1F600}".repeat(4_096), true],
    ] as const) {
      expect((await send({ content })).status).toBe(202);
      expect(heard()[connectionId] !== WAKE, JSON.stringify(content.slice(0, 2))).toBe(isTold);
    }
  });

  it("costs a send no call, no unit and no byte of the database more", async () => {
    const costOf = async () => {
      const { calls } = await recorder.inRounds(() => send());
      const sum = (count: (call: (typeof calls)[number]) => number) =>
        calls.reduce((all, call) => all + count(call), 0);
      return {
        commands: calls.map(({ command }) => command).toSorted(),
        roundTrips: roundTrips(calls),
        read: sum(({ units }) => units.read),
        write: sum(({ units }) => units.write),
        sent: sum(({ bytes }) => bytes.sent),
      };
    };
    await connect(bob);
    // The first one also takes a part of its sender's rate.
    await send();
    management.take();
    const told = await costOf();
    expect(Object.values(heard())).toEqual([expect.stringContaining("Hello")]);
    bob = await newPerson(api);
    await connect(bob);
    const woken = await costOf();
    expect(Object.values(heard())).toEqual([WAKE]);
    expect(told).toEqual(woken);
  });
});

describe("a quiet message", () => {
  const quiet = { quiet: true, type: "reaction", about: messageIdAt(0) };

  it("is told to a connection of a personal device, as its sync hands it out", async () => {
    const connectionId = await connect(bob);
    expect((await send(quiet)).status).toBe(202);
    const told = heard();
    const { messages } = await sync(bob);
    expect(messages).toMatchObject([quiet]);
    expect(told).toEqual({ [connectionId]: JSON.stringify({ type: "message", message: (messages as object[])[0] }) });
  });

  it("wakes no connection that gets no previews, on neither side", async () => {
    const shared = await api(json("/login", { username: bob.username, password: bob.password }));
    const [tablet, phone] = [await logInOn(alice, "Alice's tablet"), await logInOn(bob, "Bob's phone")];
    await connect({ ...bob, token: String(shared.body["token"]) });
    await connect(tablet, { sessionId: "of-before" });
    await connect(phone, { deviceId: "another" });
    await connect(bob, { sessionId: "of-before" });
    const [ofBob, ofTablet] = [await connect(bob), await connect(tablet)];
    await send(quiet);
    expect(Object.keys(heard()).toSorted()).toEqual([ofBob, ofTablet].toSorted());
  });

  it("wakes nobody where its frame would be too large", async () => {
    const connectionId = await connect(bob);
    const content = `x${"\u0001".repeat(8_000)}`;
    await send({ ...quiet, content });
    expect(heard()).toEqual({});
    await send({ content });
    expect(heard()).toEqual({ [connectionId]: WAKE });
  });

  it("wakes nobody where it may be a repeat", async () => {
    await connect(bob);
    gate.harm(({ operation, text }) => (operation === "GetItem" && text.includes("#head") ? "reject" : "pass"));
    expect((await send({ ...quiet, messageId: messageIdAt(0) })).status).toBe(202);
    expect(heard()).toEqual({});
  });

  it("that makes no copies is told to no other device of its sender", async () => {
    const tablet = await logInOn(alice, "Alice's tablet");
    const [ofBob] = [await connect(bob), await connect(tablet)];
    await send({ ...quiet, copies: false });
    expect(Object.keys(heard())).toEqual([ofBob]);
    expect((await sync(tablet))["messages"]).toEqual([]);
  });
});

describe("is only woken:", () => {
  it.each<[string, Partial<Device>]>([
    ["a connection that names no device, as older ones", { deviceId: undefined }],
    ["one of a session that the device had before", { sessionId: "of-before" }],
  ])("%s", async (_, more) => {
    if ("deviceId" in more) bob = await newPerson(api);
    const connectionId = await connect(bob, more);
    await send();
    expect(heard()).toEqual({ [connectionId]: WAKE });
  });

  it("the shared device, beside a personal one", async () => {
    const shared = await api(json("/login", { username: bob.username, password: bob.password }));
    const bot = { ...bob, token: String(shared.body["token"]) };
    const [personal, ofBot] = [await connect(bob), await connect(bot)];
    await send();
    expect(heard()).toEqual({ [personal]: expect.stringContaining("Hello"), [ofBot]: WAKE });
  });

  it.each(["ending", "shared"] as const)(
    "a device that is %s, though its session is the one in the map",
    async (mark) => {
      const connectionId = await connect(bob);
      const { sessionId: session, deviceId: id } = await functions.foundation.tokens.open(bob.token);
      const device = { came: 1, seen: 1e6, id, session };
      await giveDevices(engine.accounts, bob.id, [device]);
      await send();
      expect(heard()).toEqual({ [connectionId]: expect.stringContaining("Hello") });
      await giveDevices(engine.accounts, bob.id, [{ ...device, [mark]: true }], 2);
      await send();
      expect(heard()).toEqual({ [connectionId]: WAKE });
    },
  );
});

describe("a session that has ended", () => {
  it("is told no message, also by a send that still finds its connection", async () => {
    const connectionId = await connect(bob);
    const { deviceId, sessionId } = await functions.foundation.tokens.open(bob.token);
    const phone = await logInOn(bob, "Bob's phone");
    await api(json("/logout", claimOf(bob)));
    management.take();
    // An eventually consistent read may still find it.
    await connections.add(connectionId, { userId: bob.id, deviceId, sessionId });
    expect((await send()).status).toBe(202);
    // The device has to stay for a minute, and the message goes to it as well.
    expect(heard()).toEqual({ [connectionId]: WAKE });
    expect((await sync(phone))["messages"]).toMatchObject([{ content: "Hello" }]);
  });

  it("is not told what comes after a later login on its device", async () => {
    const connectionId = await connect(bob);
    const { deviceId } = await functions.foundation.tokens.open(bob.token);
    const { username, password } = bob;
    const before = await functions.foundation.tokens.open(bob.token);
    const again = await api(json("/login", { username, password, deviceId }));
    const now = await connect({ ...bob, token: String(again.body["token"]) });
    management.take();
    await connections.add(connectionId, before);
    await send();
    expect(heard()).toEqual({ [connectionId]: WAKE, [now]: expect.stringContaining("Hello") });
  });
});

describe("a repeat", () => {
  const repeated = () => {
    const messageId = messageIdAt(0);
    return () => send({ messageId });
  };

  it("makes none while the message waits, while it is out, or when it is delivered and deleted", async () => {
    const connectionId = await connect(bob);
    const again = repeated();
    await again();
    expect(heard()).toEqual({ [connectionId]: expect.stringContaining("Hello") });
    await again();
    const { receipt, messages } = await sync(bob);
    expect(messages).toHaveLength(1);
    await again();
    await sync(bob, { ack: receipt });
    await again();
    await again();
    expect(heard()).toEqual({});
  });

  it("makes none on a device that has it where another one lacks it", async () => {
    const phone = await logInOn(bob, "Bob's phone");
    const [ofLaptop, ofPhone] = [await connect(bob), await connect(phone)];
    const { channel = "" } = await functions.foundation.tokens.open(phone.token);
    const again = repeated();
    vi.spyOn(console, "error").mockImplementationOnce(() => {});
    gate.harm(({ operation, text }) =>
      operation === "PutItem" && text.includes('"content"') && text.includes(`${bob.id}/${channel}`)
        ? "reject"
        : "pass",
    );
    expect((await again()).status).toBe(500);
    expect(heard()).toEqual({});
    gate.harm(() => "pass");
    expect((await again()).status).toBe(202);
    expect(heard()).toEqual({ [ofPhone]: expect.stringContaining("Hello") });
    expect(ofLaptop).not.toBe(ofPhone);
  });

  it("that cannot be told from a first try wakes, and no more", async () => {
    const connectionId = await connect(bob);
    gate.harm(({ operation, text }) => (operation === "GetItem" && text.includes("#head") ? "reject" : "pass"));
    expect((await repeated()()).status).toBe(202);
    expect(heard()).toEqual({ [connectionId]: WAKE });
  });
});

describe("a message of which the channel's head says", () => {
  it.each<[Memory | "nothing", string[]]>([
    ["new", ["preview"]],
    ["forgotten", ["wake"]],
    ["handedOut", []],
    ["nothing", ["wake"]],
  ])("%s", async (memory, expected) => {
    const device = { id: "laptop", came: 1, seen: 1, session: "session" };
    const connection = { connectionId: "one=", sessionId: "session", deviceId: "laptop" };
    const listeners = { list: async () => [connection], remove: async () => {} } as unknown as Listeners;
    const told: string[] = [];
    const gateway: LiveGateway = async ({ frame = "" }) => {
      told.push(JSON.parse(frame).type);
      return true;
    };
    const memoryOf = async () => (memory === "nothing" ? Promise.reject(new Error("no head")) : memory);
    const wakes = new SendWakes(new Wakes(listeners, gateway), { memoryOf });
    const message = { senderId: alice.id, senderName: "alice", content: "Hello", messageId: messageIdAt(0) };
    const [destination, ofAlice] = [bob, alice].map(({ id }) => ({ device, channel: id })) as [
      Destination,
      Destination,
    ];
    const sent = { messageId: message.messageId, sentAt: 1, stored: [destination] };
    const devices = { version: 1, devices: [device] };
    const parties = { receiver: { devices } } as unknown as Parties;
    await wakes.prepareReceiver(message, bob.id, Promise.resolve(parties)).wake(sent);
    // And so for the sender's other devices.
    const copy = { ...ofAlice, to: { toId: bob.id, toName: "bob" } };
    await wakes.prepareOwn(message, { receiver: [], own: [copy] })?.({ ...sent, stored: [copy] });
    const types = expected.map((one) => (one === "preview" ? "message" : one));
    expect(told).toEqual([...types, ...types]);
  });
});
