import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { profileKey } from "../../lib/database/account-keys.ts";
import { deleteRecord } from "../../lib/database/delete-record.ts";
import { updateRecord } from "../../lib/database/update-record.ts";
import type { Device } from "../../lib/devices/device-map.ts";
import { type Answer, type Api, bearer, type Fields, json } from "../support/api.ts";
import { Recorder, roundTrips } from "../support/capacity/recorder.ts";
import { aDevice, giveDevices, sessionOn } from "../support/device-maps.ts";
import { documented } from "../support/documented.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { newPerson, PASSWORD, type Person } from "../support/logins.ts";
import { type Management, startManagement } from "../support/management.ts";
import { expectProblem } from "../support/problems.ts";

/** A login on a device. */
interface OnDevice {
  readonly token: string;
  readonly id: string;
  readonly connectionId: string;
}

describe.each(engines)("a message to a group ($name)", ({ start }) => {
  let engine: TestEngine;
  let management: Management;
  let functions: MadeFunctions;
  let api: Api;
  let recorder: Recorder;
  let people: Person[];
  let ann: Person;
  let bob: Person;
  let carol: Person;
  let anns: OnDevice[];
  let bobs: OnDevice[];
  let groupId: string;

  beforeAll(async () => {
    engine = await start();
    management = await startManagement();
    functions = await makeFunctions(engine, { client: "sdk", liveEndpoint: management.endpoint });
    api = documented(eventsApi(functions));
    recorder = new Recorder(functions.foundation.database);
  });
  afterAll(async () => {
    await management?.close();
    await engine?.stop();
  });
  beforeEach(async () => {
    people = [await newPerson(api), await newPerson(api), await newPerson(api)];
    [ann, bob, carol] = people as [Person, Person, Person];
    anns = await logIn(ann, [aDevice("laptop", 1, { channel: undefined }), aDevice("phone", 2)]);
    bobs = await logIn(bob, [aDevice("laptop", 1, { channel: undefined }), aDevice("phone", 2)]);
    groupId = await makeGroup(anns[0] as OnDevice, "Climbing", bob, carol);
    for (const one of [...anns, ...bobs, carol]) await sync(one);
    management.take();
  });

  /** Gives a user devices, each with the session that the map names, and a connection. */
  async function logIn(person: Person, devices: readonly Device[]): Promise<OnDevice[]> {
    const logins = await Promise.all(
      devices.map(async (device) => {
        const { sessionId, token } = await sessionOn(functions.foundation, person, device);
        const connectionId = `${sessionId}=`;
        const { connections } = functions.makeLive().services;
        await connections.add(connectionId, {
          userId: person.id,
          sessionId,
          deviceId: device.id,
          channel: device.channel,
        });
        management.fates.set(connectionId, "there");
        return { token, id: person.id, connectionId, device: { ...device, session: sessionId } };
      }),
    );
    await giveDevices(
      engine.accounts,
      person.id,
      logins.map(({ device }) => device),
    );
    return logins;
  }

  const own = (of: Pick<Person, "token">, method: string, path: string, fields?: Fields) => {
    const call = fields === undefined ? { method, path } : { ...json(path, fields), method };
    return api(bearer(of.token, call));
  };
  async function makeGroup(of: Pick<Person, "token">, name: string, ...others: Person[]): Promise<string> {
    const { status, body } = await own(of, "POST", "/groups", { name, members: others.map(({ id }) => id) });
    expect(status).toBe(201);
    return String(body["groupId"]);
  }
  const claim = ({ token, id }: Pick<Person, "token" | "id">) => ({ token, id });
  const send = (from: Pick<Person, "token" | "id">, fields: Fields = {}): Promise<Answer> =>
    api(json("/send", { ...claim(from), sendToId: groupId, content: "Hello", ...fields }));
  const sync = async (on: Pick<Person, "token" | "id">, fields: Fields = {}): Promise<Answer["body"]> => {
    const answer = await api(json("/sync", { ...claim(on), ...fields }));
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const messages = async (on: Pick<Person, "token" | "id">) => (await sync(on))["messages"] as Fields[];
  const told = () => management.take().map(({ connectionId, body }) => ({ connectionId, frame: JSON.parse(body) }));

  it("comes to every device of every member but the sending one, once and with the group", async () => {
    const [laptop, phone] = anns as [OnDevice, OnDevice];
    const { status, body } = await send(laptop, { type: "text" });
    expect([status, Object.keys(body).toSorted()]).toEqual([202, ["messageId", "sentAt", "status"]]);
    const { messageId, sentAt } = body;
    const message = { messageId, senderId: ann.id, senderName: ann.username, toId: groupId, toName: "Climbing" };
    const whole = { ...message, type: "text", content: "Hello", sentAt, redelivered: false };
    for (const one of [phone, ...bobs, carol]) {
      expect(await messages(one)).toEqual([whole]);
      expect(await messages(one)).toEqual([]);
    }
    expect(await messages(laptop)).toEqual([]);
  });

  it("goes to no other device of the sender without copies, and never to the one that logins share", async () => {
    await send(anns[0] as OnDevice, { copies: false });
    expect(await messages(anns[1] as OnDevice)).toEqual([]);
    expect(await messages(carol)).toHaveLength(1);
    await send(carol);
    expect(await messages(carol)).toEqual([]);
  });

  it("reaches a member who has blocked the sender", async () => {
    await own(carol, "PUT", `/blocks/${ann.id}`);
    expect((await send(anns[0] as OnDevice)).status).toBe(202);
    expect(await messages(carol)).toHaveLength(1);
  });

  it("is the same when it is repeated, another one under its id is 409, and nobody is woken by a repeat", async () => {
    const [laptop] = anns as [OnDevice];
    const messageId = uuidv7();
    await send(laptop, { messageId });
    expect(told()).toHaveLength(3);
    expect((await send(laptop, { messageId })).body).toMatchObject({ messageId });
    expect(told()).toEqual([]);
    expectProblem(await send(laptop, { messageId, content: "other" }), 409, "message_id_reused");
    expectProblem(await send(laptop, { messageId, sendToId: bob.id }), 409, "message_id_reused");
    expect(await messages(carol)).toMatchObject([{ messageId, redelivered: false }]);
    await send(laptop, { messageId });
    expect(await messages(carol)).toEqual([]);
  });

  it("wakes each device with the message, and a quiet one wakes nobody who cannot have it", async () => {
    const [laptop, phone] = anns as [OnDevice, OnDevice];
    const { body } = await send(laptop);
    const frames = told();
    expect(frames.map(({ connectionId }) => connectionId).toSorted()).toEqual(
      [phone, ...bobs].map(({ connectionId }) => connectionId).toSorted(),
    );
    const { messageId } = body;
    for (const { frame } of frames) {
      expect(frame).toMatchObject({ type: "message", message: { messageId, toId: groupId, toName: "Climbing" } });
    }
    await send(laptop, { quiet: true, content: "\u0001".repeat(10_000), type: "own" });
    expect(told()).toEqual([]);
  });

  it.each([true, false])("takes three round trips and a write unit for each device (with an id: %s)", async (hasId) => {
    const [laptop] = anns as [OnDevice];
    const fields = hasId ? { messageId: uuidv7() } : {};
    const { result, calls } = await recorder.inRounds(() => send(laptop, fields));
    expect(result.status).toBe(202);
    expect(roundTrips(calls)).toBe(3);
    expect(calls.reduce((sum, { units }) => sum + units.write, 0)).toBe(4);
    const count = (name: string) => calls.filter(({ command }) => command === `${name}Command`).length;
    // One look-up of connections for each member who may have some. With an id of the client's the heads of their devices are read, all
    // by one call.
    expect([count("BatchGetItem"), count("PutItem"), count("Query")]).toEqual([hasId ? 2 : 1, 4, 2]);
    expect(count("GetItem")).toBe(2);
  });

  it("looks up the connections of members who were never noted as connected or not, as in earlier versions, and wakes them", async () => {
    const { connectionId } = bobs[0] as OnDevice;
    const forget = { update: "REMOVE connectedUntil", condition: "attribute_exists(#owner)" };
    for (const { id } of [bob, carol]) await updateRecord(engine.accounts, profileKey(id), forget);
    const { calls } = await recorder.record(() => send(anns[0] as OnDevice));
    expect(calls.filter(({ command }) => command === "QueryCommand")).toHaveLength(3);
    expect(told().map((one) => one.connectionId)).toContain(connectionId);
  });

  it("counts for the rate as many times as the group has members, and once where the sender is in no such group", async () => {
    const consume = vi.spyOn(functions.services.send.sendLimit, "consume");
    try {
      await send(anns[0] as OnDevice);
      await send(anns[0] as OnDevice, { sendToId: bob.id });
      await send(anns[0] as OnDevice, { sendToId: `g-${"A".repeat(22)}` });
      expect(consume.mock.calls).toEqual([[ann.id, 3], [ann.id], [ann.id, 1]]);
    } finally {
      consume.mockRestore();
    }
  });

  describe("where a channel is full", () => {
    const fill = async (person: Person, channel?: string): Promise<void> => {
      const suffix = channel === undefined ? "" : `/${channel}`;
      await updateRecord(engine.accounts, profileKey(person.id), {
        update: "SET #backlog = :backlog, #countedAt = :now",
        condition: "attribute_exists(#owner)",
        names: { "#backlog": `backlog${suffix}`, "#countedAt": `countedAt${suffix}` },
        values: { backlog: Number.MAX_SAFE_INTEGER, now: Date.now() },
      });
    };

    it("goes to the member's others, and the full one is told", async () => {
      await fill(bob, "phone");
      const { status, body } = await send(anns[0] as OnDevice);
      expect([status, body["missedBy"]]).toEqual([202, undefined]);
      const [first, second] = bobs as [OnDevice, OnDevice];
      expect(await messages(first)).toHaveLength(1);
      expect(await sync(second, { ack: "first" })).toMatchObject({ messages: [], missed: true });
    });

    it("and all of a member's are: the others have it, the member is told, and so is the sender", async () => {
      await fill(bob);
      await fill(bob, "phone");
      const messageId = uuidv7();
      const { status, body } = await send(anns[0] as OnDevice, { messageId });
      expect([status, body["missedBy"]]).toEqual([202, [bob.id]]);
      expect(await messages(carol)).toHaveLength(1);
      for (const one of bobs) expect(await sync(one, { ack: "first" })).toMatchObject({ messages: [], missed: true });
    });

    it("and it is the sender's own: nobody misses it", async () => {
      await fill(ann, "phone");
      const { status, body } = await send(anns[0] as OnDevice);
      expect([status, body["missedBy"]]).toEqual([202, undefined]);
      expect(await sync(anns[1] as OnDevice, { ack: "first" })).toMatchObject({ messages: [], missed: true });
    });
  });

  it("to more devices than one request reaches is refused, and stores nothing", async () => {
    const { channelsOfSend } = LIMITS.groups;
    Object.assign(LIMITS.groups, { channelsOfSend: 3 });
    try {
      expectProblem(await send(anns[0] as OnDevice), 409, "group_too_large");
    } finally {
      Object.assign(LIMITS.groups, { channelsOfSend });
    }
    expect(await messages(carol)).toEqual([]);
  });

  it.each([
    ["one that never was", () => `g-${"A".repeat(22)}`, () => bob],
    ["one that has no such form", () => "g-x", () => bob],
    ["one with a long id", () => `g-${"A".repeat(4_000)}`, () => bob],
    ["one that the sender is not in", () => groupId, () => stranger],
  ])("to %s is 404 alike", async (_, to, from) => {
    stranger = await newPerson(api);
    const answer = await send(from(), { sendToId: to() });
    expectProblem(answer, 404, "unknown_group");
    expect(answer.body["detail"]).toBe("You are in no group with this id. GET /groups lists those that you are in.");
    expect(await messages(carol)).toEqual([]);
  });
  let stranger: Person;

  it("of a session that has ended is 401, whichever group it names", async () => {
    await api(json("/logout", claim(carol)));
    for (const sendToId of [groupId, `g-${"A".repeat(22)}`]) {
      expectProblem(await send(carol, { sendToId }), 401, "invalid_token");
    }
  });

  it("of the type group comes from the server alone", async () => {
    expectProblem(await send(anns[0] as OnDevice, { type: "group" }), 400, "invalid_request");
  });

  it("tells of each change on every device, the one that made it included, and wakes them", async () => {
    const [laptop] = anns as [OnDevice];
    await own(laptop, "PATCH", `/groups/${groupId}`, { name: "Chess" });
    const frames = told();
    expect(frames).toHaveLength(4);
    for (const one of [...anns, ...bobs, carol]) {
      const [message, ...others] = await messages(one);
      expect(others).toEqual([]);
      expect(message).toMatchObject({ senderId: ann.id, toId: groupId, toName: "Chess", type: "group" });
      expect(message).not.toHaveProperty("quiet");
      expect(JSON.parse(String(message?.["content"]))).toEqual({
        version: 2,
        event: "renamed",
        name: "Chess",
        before: "Climbing",
      });
      expect(frames.every(({ frame }) => frame.message.messageId === message?.["messageId"])).toBe(true);
    }
  });

  it("is announced: who types is relayed to the others' devices, and by nobody who is not in the group", async () => {
    const { typing } = functions.makeLive().services;
    const [{ connectionId }] = anns as [OnDevice];
    await typing.relay({ userId: ann.id, connectionId }, groupId);
    const frames = told();
    expect(frames.map((one) => one.connectionId).toSorted()).toEqual(bobs.map((one) => one.connectionId).toSorted());
    expect(frames[0]?.frame).toEqual({ type: "typing", senderId: ann.id, toId: groupId });
    await own(anns[0] as OnDevice, "DELETE", `/groups/${groupId}/members/${ann.id}`);
    management.take();
    await functions.makeLive().services.typing.relay({ userId: ann.id, connectionId }, groupId);
    await functions.makeLive().services.typing.relay({ userId: ann.id, connectionId }, "g-x".repeat(2_000));
    expect(told()).toEqual([]);
  });

  it("does not come from a deleted account, whose groups go on without it", async () => {
    expect((await api(json("/account/delete", { ...claim(carol), password: PASSWORD }))).status).toBe(204);
    const { body } = await own(anns[0] as OnDevice, "GET", `/groups/${groupId}`);
    expect((body["members"] as Fields[]).map(({ id }) => id).toSorted()).toEqual([ann.id, bob.id].toSorted());
    expect((await send(anns[0] as OnDevice)).status).toBe(202);
  });

  it("reaches the others where a member's profile is gone", async () => {
    await deleteRecord(engine.accounts, profileKey(carol.id));
    expect((await send(anns[0] as OnDevice)).status).toBe(202);
    expect(await messages(bobs[0] as OnDevice)).toHaveLength(1);
    const { body } = await own(anns[0] as OnDevice, "GET", `/groups/${groupId}`);
    expect(body["members"]).toHaveLength(2);
  });
});
