import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Sessions } from "../../lib/accounts/sessions.ts";
import { MessageStore } from "../../lib/channel/message-store.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { connectionKey, profileKey } from "../../lib/database/account-keys.ts";
import { getRecord } from "../../lib/database/get-record.ts";
import { putRecord } from "../../lib/database/put-record.ts";
import { updateRecord } from "../../lib/database/update-record.ts";
import type { Device } from "../../lib/devices/device-map.ts";
import { epochSeconds } from "../../lib/runtime/clock.ts";
import { positionOf } from "../../lib/runtime/ids.ts";
import { type Api, bearer, type Fields, json } from "../support/api.ts";
import { Recorder, roundTrips } from "../support/capacity/recorder.ts";
import { aDevice, giveDevices, sessionOn } from "../support/device-maps.ts";
import { checkAgainstDocument } from "../support/documented.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { newPerson, type Person } from "../support/logins.ts";
import { type Management, startManagement } from "../support/management.ts";
import { expectProblem } from "../support/problems.ts";

/** A login on a device. */
interface OnDevice {
  readonly token: string;
  readonly id: string;
  readonly connectionId: string;
}

describe.each(engines)("people with several devices ($name)", ({ start }) => {
  let engine: TestEngine;
  let management: Management;
  let functions: MadeFunctions;
  let api: Api;
  let recorder: Recorder;
  let alice: Person;
  let bob: Person;
  let laptop: OnDevice;
  let phone: OnDevice;
  let bobs: OnDevice[];

  beforeAll(async () => {
    engine = await start();
    management = await startManagement();
    functions = await makeFunctions(engine, { client: "sdk", liveEndpoint: management.endpoint });
    api = eventsApi(functions);
    recorder = new Recorder(functions.foundation.database);
  });
  afterAll(async () => {
    await management?.close();
    await engine?.stop();
  });
  beforeEach(async () => {
    [alice, bob] = [await newPerson(api), await newPerson(api)];
    const devices = [aDevice("laptop", 1, { channel: undefined }), aDevice("phone", 2)];
    await giveDevices(engine.accounts, alice.id, devices);
    await giveDevices(engine.accounts, bob.id, devices);
    [laptop, phone] = (await logIn(alice, devices)) as [OnDevice, OnDevice];
    bobs = await logIn(bob, devices);
    management.take();
  });

  /** Sessions on devices, each with a connection, as logins on them store them. */
  const logIn = (person: Person, devices: readonly Device[]): Promise<OnDevice[]> =>
    Promise.all(
      devices.map(async (device) => {
        const { id } = person;
        const { sessionId, token } = await sessionOn(functions.foundation, person, device);
        const connectionId = `${sessionId}=`;
        const attributes = { sessionId, device: device.id, channel: device.channel, expiresAt: 2 ** 32 };
        await putRecord(engine.accounts, { ...connectionKey(id, connectionId), ...attributes });
        management.fates.set(connectionId, "there");
        return { token, id, connectionId };
      }),
    );

  const claim = ({ token, id }: Pick<OnDevice, "token" | "id">) => ({ token, id });
  const send = (from: OnDevice | Person, fields: Fields = {}) =>
    api(json("/send", { ...claim(from), sendToId: bob.id, content: "Hello", ...fields }));
  const sync = async (on: OnDevice | Person, fields: Fields = {}) => {
    const call = json("/sync", { ...claim(on), ...fields });
    const answer = await api(call);
    expect(answer.status).toBe(200);
    checkAgainstDocument(call, answer);
    return answer.body;
  };
  /** The API's client may repeat a wake on a busy machine. */
  const woken = () => [...new Set(management.take().map(({ connectionId }) => connectionId))];

  it("get every message on each, once, and what they sent from another one", async () => {
    const { status, body } = await send(laptop);
    expect(status).toBe(202);
    const { messageId } = body;
    const message = { messageId, senderId: alice.id, senderName: alice.username, content: "Hello", redelivered: false };
    for (const device of bobs) {
      expect((await sync(device))["messages"]).toEqual([{ ...message, sentAt: body["sentAt"] }]);
      expect((await sync(device))["messages"]).toEqual([]);
    }
    const copy = { ...message, sentAt: body["sentAt"], toId: bob.id, toName: bob.username };
    expect((await sync(phone))["messages"]).toEqual([copy]);
    expect((await sync(phone))["messages"]).toEqual([]);
    expect((await sync(laptop))["messages"]).toEqual([]);
  });

  it("get what they send to themselves on each, so that a removal of the others takes nothing along", async () => {
    for (const from of [laptop, phone]) expect((await send(from, { sendToId: alice.id })).status).toBe(202);
    const both = [1, 2].map(() => ({ senderId: alice.id, content: "Hello", redelivered: false }));
    expect((await sync(phone))["messages"]).toMatchObject(both);
    expect((await send(laptop, { sendToId: alice.id })).status).toBe(202);
    const removal = bearer(laptop.token, { method: "DELETE", path: "/devices/phone" });
    expect((await api(removal)).status).toBe(204);
    const { messages } = await sync(laptop);
    expect(messages).toMatchObject([...both, both[0]]);
    expect(messages).not.toContainEqual(expect.objectContaining({ toId: expect.anything() }));
  });

  const idsOf = async ({ id }: Person) => {
    const stored = await getRecord<{ devices: Device[] }>(engine.accounts, profileKey(id), { consistent: true });
    return stored?.devices?.map((device) => device.id);
  };

  it("are listed as none to a user whose account is deleted at this very moment", async () => {
    vi.spyOn(functions.services.accounts.devices, "read").mockResolvedValueOnce(undefined);
    const call = bearer(laptop.token, { method: "GET", path: "/devices" });
    const answer = await api(call);
    expect([answer.status, answer.body]).toEqual([200, { devices: [] }]);
    checkAgainstDocument(call, answer);
  });

  it("may repeat a logout that was interrupted when its session had ended, and no other", async () => {
    const old = aDevice("laptop", 1, { channel: undefined });
    const tablet = aDevice("tablet", 3);
    const { sessionId, token } = await sessionOn(functions.foundation, alice, tablet);
    await giveDevices(engine.accounts, alice.id, [old, { ...tablet, session: sessionId }]);
    await new Sessions(engine.accounts, Date.now).end({ userId: alice.id, sessionId });
    const logout = json("/logout", { token, id: alice.id });
    expectProblem(await api(logout), 401, "invalid_token");
    await giveDevices(engine.accounts, alice.id, [old, { ...tablet, session: sessionId, ending: true }]);
    expect((await api(logout)).status).toBe(204);
    expect(await idsOf(alice)).toEqual(["laptop"]);
    expectProblem(await api(logout), 401, "invalid_token");
  });

  it("may repeat the end of such a session from another device", async () => {
    const old = aDevice("laptop", 1, { channel: undefined });
    const tablet = aDevice("tablet", 3, { session: "A".repeat(22), ending: true });
    await giveDevices(engine.accounts, alice.id, [old, tablet]);
    const removal = bearer(laptop.token, { method: "DELETE", path: `/sessions/${tablet.session}` });
    expect((await api(removal)).status).toBe(204);
    expect(await idsOf(alice)).toEqual(["laptop"]);
  });

  it("have all of them woken but the one that sends, and by a repeat none", async () => {
    const messageId = uuidv7();
    await send(laptop, { messageId });
    const everywhere = [...bobs, phone].map(({ connectionId }) => connectionId).toSorted();
    expect(woken().toSorted()).toEqual(everywhere);
    const { status, body } = await send(laptop, { messageId });
    expect([status, body["messageId"], woken()]).toEqual([202, messageId, []]);
    // The first device last: until then only the heads of the others know it.
    for (const device of [phone, ...bobs.toReversed()]) {
      const { receipt } = await sync(device, { ack: "first" });
      await send(laptop, { messageId });
      await sync(device, { ack: receipt });
      await send(laptop, { messageId });
    }
    expect(woken()).toEqual([]);
  });

  it("have the others woken by a retry that finds it on some", async () => {
    const messageId = uuidv7();
    const sentAt = Date.now();
    // So far the first try has come.
    await new MessageStore(engine.client, engine.tables.channels).put(bob.id, {
      position: positionOf(messageId, alice.id),
      senderName: alice.username,
      content: "Hello",
      sentAt,
      expiresAt: epochSeconds(sentAt + LIMITS.retention),
    });
    await send(laptop, { messageId });
    expect(woken().toSorted()).toEqual([bobs[1]?.connectionId, phone.connectionId].toSorted());
  });

  it("are told on the device whose channel is full, and there nobody is woken", async () => {
    await updateRecord(engine.accounts, profileKey(bob.id), {
      update: "SET #backlog = :backlog, #countedAt = :now",
      condition: "attribute_exists(#owner)",
      names: { "#backlog": "backlog/phone", "#countedAt": "countedAt/phone" },
      values: { backlog: Number.MAX_SAFE_INTEGER, now: Date.now() },
    });
    const [first, second] = bobs as [OnDevice, OnDevice];
    expect((await send(laptop)).status).toBe(202);
    expect(woken().toSorted()).toEqual([first.connectionId, phone.connectionId].toSorted());
    expect(await sync(first)).not.toHaveProperty("missed");
    const told = await sync(second, { ack: "first" });
    expect(told).toMatchObject({ messages: [], missed: true });
    expect(await sync(second, { ack: told["receipt"] })).not.toHaveProperty("missed");
  });

  it.each([true, false])("cost two round trips and a write unit for each channel (with an id: %s)", async (hasId) => {
    const { result, calls } = await recorder.inRounds(() => send(laptop, hasId ? { messageId: uuidv7() } : {}));
    expect(result.status).toBe(202);
    expect(roundTrips(calls)).toBe(2);
    expect(calls.reduce((sum, { units }) => sum + units.write, 0)).toBe(3);
  });

  it("share no channel with a session of a function that knew no devices: it ends before it is handed anything", async () => {
    const { tokens, now } = functions.foundation;
    const { sessionId, expiresAt } = await new Sessions(engine.accounts, now).start(bob.id);
    const token = await tokens.issue({ userId: bob.id, username: bob.username, sessionId }, expiresAt);
    await send(laptop);
    expectProblem(await api(json("/sync", { token, id: bob.id })), 401, "invalid_token");
    const [onFirstChannel] = bobs as [OnDevice];
    expect((await sync(onFirstChannel))["messages"]).toMatchObject([{ content: "Hello", redelivered: false }]);
  });

  it("are not mixed up with a login that names no device", async () => {
    const personal = aDevice("personal", 1);
    await giveDevices(engine.accounts, alice.id, [
      personal,
      aDevice("shared", 2, { channel: undefined, shared: true }),
    ]);
    const [on] = (await logIn(alice, [personal])) as [OnDevice];
    await send(on);
    expect((await sync(alice))["messages"]).toEqual([]);
    await send(alice);
    expect((await sync(on))["messages"]).toMatchObject([{ toId: bob.id }]);
  });
});
