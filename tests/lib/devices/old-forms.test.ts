import { createHash } from "node:crypto";
import { type AttributeValue, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Names } from "../../../lib/accounts/names.ts";
import { MessageStore } from "../../../lib/channel/message-store.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { connectionKey, holderKey, profileKey, sessionKey } from "../../../lib/database/account-keys.ts";
import { putRecord } from "../../../lib/database/put-record.ts";
import { Connections } from "../../../lib/live/connections.ts";
import { Listeners } from "../../../lib/live/listeners.ts";
import { newOpaqueId, newUserId } from "../../../lib/runtime/ids.ts";
import { bearer, json } from "../../support/api.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { eventsApi } from "../../support/events.ts";
import { encrypted } from "../../support/forgeries.ts";
import { type MadeFunctions, makeFunctions } from "../../support/functions.ts";
import { newPerson, PASSWORD, type Person } from "../../support/logins.ts";
import { expectProblem } from "../../support/problems.ts";
import { weakPasswords } from "../../support/weak-passwords.ts";

const HOUR = 3_600;

/** Everything as a version without devices has stored it, byte for byte in its attributes. */
describe.each(engines)("What was stored before there were devices ($name)", ({ start }) => {
  let engine: TestEngine;
  let functions: MadeFunctions;
  let api: ReturnType<typeof eventsApi>;
  let sender: Person;
  let user: { readonly id: string; readonly username: string };

  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    engine = await start();
    functions = await makeFunctions(engine);
    api = eventsApi(functions);
    sender = await newPerson(api);
  });
  afterAll(async () => {
    vi.useRealTimers();
    await engine?.stop();
  });
  beforeEach(async () => {
    user = {
      id: newUserId(),
      username: `u${newOpaqueId()
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, "")}`,
    };
    await putRecord(engine.accounts, { ...profileKey(user.id), username: user.username, createdAt: Date.now() });
  });

  /** A session and its token. */
  async function oldSession(): Promise<{ readonly sessionId: string; readonly token: string }> {
    const [sessionId, now] = [newOpaqueId(), Math.floor(Date.now() / 1_000)];
    const record = {
      ...sessionKey(user.id, sessionId),
      createdAt: 1_000 * now,
      expiresAt: now + HOUR,
      userAgent: "old",
    };
    await putRecord(engine.accounts, record);
    const claims = { iss: "gotalk", aud: "gotalk", sub: user.id, sid: sessionId, name: user.username };
    return { sessionId, token: await encrypted({ ...claims, iat: now, exp: now + HOUR }, functions.tokenKey) };
  }

  /** The clock stands still otherwise, and messages of one millisecond are in no order. */
  const goOn = (milliseconds = 1): void => void vi.setSystemTime(Date.now() + milliseconds);
  const send = (content: string) => {
    goOn();
    return api(json("/send", { token: sender.token, id: sender.id, sendToId: user.id, content }));
  };
  const sync = (token: string) => api(json("/sync", { token, id: user.id }));
  const contentsOf = ({ body }: { body: Readonly<Record<string, unknown>> }) =>
    (body["messages"] as { content: string }[]).map(({ content }) => content);

  it("a profile without devices: messages to it arrive", async () => {
    const { token } = await oldSession();
    expect((await send("hello")).status).toBe(202);
    expect(contentsOf(await sync(token))).toEqual(["hello"]);
  });

  it("a session without a device, and its token: they are on the shared one", async () => {
    const { sessionId, token } = await oldSession();
    const { body } = await api(bearer(token, { method: "GET", path: "/sessions" }));
    expect(body["sessions"]).toMatchObject([{ sessionId, deviceId: "shared", userAgent: "old", current: true }]);
    const devices = (await api(bearer(token, { method: "GET", path: "/devices" }))).body["devices"];
    expect(devices).toMatchObject([{ deviceId: "shared", shared: true, current: true, name: "" }]);
    expect((await api(json("/logout", { token, id: user.id }))).status).toBe(204);
    expectProblem(await sync(token), 401, "invalid_token");
  });

  it("two sessions: they divide the messages, as before", async () => {
    const [one, two] = [await oldSession(), await oldSession()];
    await send("to one of them");
    expect([...contentsOf(await sync(one.token)), ...contentsOf(await sync(two.token))]).toEqual(["to one of them"]);
  });

  it("a session gets a device of its own, and loses nothing by it", async () => {
    const { token } = await oldSession();
    await send("before");
    const own = { deviceName: "Laptop", loginId: newOpaqueId() };
    const { status, body } = await api(json("/devices", { token, id: user.id, ...own }));
    expect(status).toBe(200);
    await send("after");
    expect(contentsOf(await sync(String(body["token"])))).toEqual(["before", "after"]);
    expectProblem(await sync(token), 401, "invalid_token");
  });

  it("a session can be ended from elsewhere, and the shared device removed with it", async () => {
    const [one, two, three] = [await oldSession(), await oldSession(), await oldSession()];
    const own = { deviceName: "Laptop", loginId: newOpaqueId() };
    const { body } = await api(json("/devices", { token: one.token, id: user.id, ...own }));
    const remove = (path: string) => api(bearer(String(body["token"]), { method: "DELETE", path }));
    expect((await remove(`/sessions/${two.sessionId}`)).status).toBe(204);
    expectProblem(await sync(two.token), 401, "invalid_token");
    expect((await sync(three.token)).status).toBe(200);
    expect((await remove("/devices/shared")).status).toBe(204);
    expectProblem(await sync(three.token), 401, "invalid_token");
  });

  it("a connection without a device: it is the shared one's, and its holder the user's first channel", async () => {
    const [connectionId, expiresAt] = ["old=", Math.floor(Date.now() / 1_000) + HOUR];
    const { sessionId } = await oldSession();
    await putRecord(engine.accounts, { ...connectionKey(user.id, connectionId), sessionId, expiresAt });
    await putRecord(engine.accounts, { ...holderKey(connectionId), userId: user.id, expiresAt });
    const [listeners, connections] = [
      new Listeners(engine.accounts, Date.now),
      new Connections(engine.accounts, Date.now),
    ];
    expect(await listeners.list(user.id, true)).toEqual([{ connectionId, sessionId, deviceId: "shared" }]);
    expect(await connections.holderOf(connectionId, true)).toEqual({ userId: user.id, channel: undefined });
  });

  describe("a channel", () => {
    const digestOf = (ack: string): string => createHash("sha256").update(ack).digest("base64url").slice(0, 22);
    const put = (item: Record<string, AttributeValue>) =>
      engine.client.send(
        new PutItemCommand({ TableName: engine.tables.channels, Item: { receiverId: { S: user.id }, ...item } }),
      );
    /** As a send of that version puts it: on the user's first channel, whatever devices there are. */
    async function putMessage(content: string): Promise<string> {
      goOn();
      const messageId = uuidv7();
      const item = {
        position: { S: `${messageId}#${sender.id}` },
        senderName: { S: sender.username },
        content: { S: content },
        sentAt: { N: String(Date.now()) },
        expiresAt: { N: String(Math.ceil(Date.now() / 1_000) + 30 * 24 * HOUR) },
      };
      await put(item);
      return messageId;
    }
    const bytesOf = (...uuids: readonly string[]) => Buffer.from(uuids.join("").replaceAll("-", ""), "hex");
    /** A head, as it was while a batch was out that the client has not acknowledged. */
    const putHead = (messageId: string) =>
      put({
        position: { S: "#head" },
        version: { B: Buffer.from("0123456789abcdef", "hex") },
        receipt: { S: "receipt-of-before" },
        previous: { S: digestOf("first-ack") },
        outstanding: { B: bytesOf(messageId, sender.id) },
        lease: { N: String(Date.now() + 30_000) },
      });
    const syncWith = async (token: string, ack: string) => (await api(json("/sync", { token, id: user.id, ack }))).body;

    it("with a message from before types existed: it goes out as it was, and a newer client may repeat it", async () => {
      const { token } = await oldSession();
      const messageId = await putMessage("plain");
      const repeat = (fields: object) => {
        const claim = { token: sender.token, id: sender.id, sendToId: user.id };
        return api(json("/send", { ...claim, content: "plain", messageId, ...fields }));
      };
      for (const fields of [{}, { type: "text" }]) expect((await repeat(fields)).status).toBe(202);
      for (const fields of [{ type: "edit" }, { about: messageId }, { quiet: true }]) {
        expectProblem(await repeat(fields), 409, "message_id_reused");
      }
      expect((await sync(token)).body["messages"]).toEqual([
        {
          messageId,
          senderId: sender.id,
          senderName: sender.username,
          content: "plain",
          sentAt: expect.any(String),
          redelivered: false,
        },
      ]);
    });

    it("with a batch that is out: it is replayed, then acknowledged, and the chain goes on", async () => {
      const { token } = await oldSession();
      const messageId = await putMessage("is out");
      await putHead(messageId);
      await send("waits");
      const receipt = "receipt-of-before";
      expect(await syncWith(token, "first-ack")).toMatchObject({
        messages: [{ messageId, content: "is out", redelivered: true }],
        receipt,
      });
      const next = await syncWith(token, receipt);
      expect(next["messages"]).toMatchObject([{ content: "waits", redelivered: false }]);
      expect(next).not.toHaveProperty("missed");
      expect((await syncWith(token, String(next["receipt"])))["messages"]).toEqual([]);
    });

    it("with a batch that is out, of a session that gets a device of its own: it goes on there", async () => {
      const { token } = await oldSession();
      const messageId = await putMessage("is out");
      await putHead(messageId);
      const own = { deviceName: "Laptop", loginId: newOpaqueId() };
      const { body } = await api(json("/devices", { token, id: user.id, ...own }));
      await send("waits");
      const { messages } = await syncWith(String(body["token"]), "receipt-of-before");
      expect(messages).toMatchObject([{ content: "waits", redelivered: false }]);
    });

    it("with a batch that is out, and which others share: the device of its own gets that flagged", async () => {
      const [one] = [await oldSession(), await oldSession()];
      const messageId = await putMessage("is out");
      await putHead(messageId);
      const own = { deviceName: "Laptop", loginId: newOpaqueId() };
      const { body } = await api(json("/devices", { token: one.token, id: user.id, ...own }));
      const { messages } = await syncWith(String(body["token"]), "anything");
      expect(messages).toMatchObject([{ messageId, content: "is out", redelivered: true }]);
    });

    it("that has missed messages since: its client is told with the next batch", async () => {
      const { token } = await oldSession();
      const messageId = await putMessage("is out");
      await putHead(messageId);
      await new MessageStore(engine.client, engine.tables.channels).putMissed(user.id, Date.now());
      const told = await syncWith(token, "receipt-of-before");
      expect(told).toMatchObject({ messages: [], missed: true });
      expect(await syncWith(token, String(told["receipt"]))).not.toHaveProperty("missed");
    });

    // During a deployment: logins know devices already, and sends of the earlier version are still under way. They end within the minute.
    it("that gets messages of earlier sends, while a second device is there already: that one takes them over", async () => {
      const old = await oldSession();
      const { username } = user;
      const passwordHash = await weakPasswords.hash(PASSWORD);
      await new Names(engine.accounts, Date.now).claim(username, { id: user.id, passwordHash });
      const { body } = await api(json("/login", { username, password: PASSWORD, deviceName: "Laptop" }));
      const token = String(body["token"]);
      await putMessage("under way");
      expect(contentsOf(await sync(token))).toEqual([]);
      expect((await api(bearer(token, { method: "DELETE", path: "/devices/shared" }))).status).toBe(204);
      expectProblem(await sync(old.token), 401, "invalid_token");
      expect(contentsOf(await sync(token))).toEqual(["under way"]);
      await putMessage("under way for nearly a minute");
      await send("on both");
      expect(contentsOf(await sync(token))).toEqual(["on both"]);
      goOn(LIMITS.devices.youngFor);
      const before = contentsOf(await sync(token));
      expect([...before, ...contentsOf(await sync(token))]).toEqual(["under way for nearly a minute"]);
      expect(contentsOf(await sync(token))).toEqual([]);
    });
  });
});
