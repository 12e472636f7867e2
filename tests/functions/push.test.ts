import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { profileKey, sessionKey } from "../../lib/database/account-keys.ts";
import { signBy } from "../../lib/database/aws-calls.ts";
import { deleteRecord } from "../../lib/database/delete-record.ts";
import { getRecord } from "../../lib/database/get-record.ts";
import { putRecord } from "../../lib/database/put-record.ts";
import type { Device } from "../../lib/devices/device-map.ts";
import { Connections } from "../../lib/live/connections.ts";
import { Dispatch } from "../../lib/push/dispatch.ts";
import type { PushEvent } from "../../lib/push/push-event.ts";
import { Pushes } from "../../lib/push/pushes.ts";
import type { SessionAttributes } from "../../lib/tokens/session-check.ts";
import { type Answer, type Api, bearer, type Call, type Fields, json } from "../support/api.ts";
import { Recorder, roundTrips } from "../support/capacity/recorder.ts";
import { CERTIFICATE } from "../support/certificate.ts";
import { checkAgainstDocument } from "../support/documented.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/lambda-service.ts";
import { newPerson, type Person } from "../support/logins.ts";
import { type Management, startManagement } from "../support/management.ts";
import { expectProblem, fieldsIn } from "../support/problems.ts";
import { type Browser, StandInPushService } from "../support/push-service.ts";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:gotalk-dev-push";

/** A session on a device of its own. */
interface Login {
  readonly token: string;
  readonly id: string;
  readonly deviceId: string;
}

describe("push", () => {
  let engine: TestEngine;
  let management: Management;
  let aws: AwsStandIn;
  let service: StandInPushService;
  let functions: MadeFunctions;
  let recorder: Recorder;
  let api: Api;
  let alice: Person;
  let bob: Person;
  let phone: Login;
  let browser: Browser;
  /** Of each name of a push service. */
  let address: string;

  beforeAll(async () => {
    engine = await startEngine();
    [management, aws, service] = [await startManagement(), await startAwsStandIn(), await StandInPushService.start()];
    functions = await makeFunctions(engine, {
      client: "sdk",
      liveEndpoint: management.endpoint,
      push: { ca: CERTIFICATE, resolve: async () => [{ address, family: 4 }] },
      settings: {
        PUSH_URL: `${aws.url}/2015-03-31/functions/gotalk-dev-push/invocations`,
        SCHEDULES_URL: aws.url,
        SCHEDULES_GROUP: "gotalk-dev-push",
        SCHEDULES_ROLE: "arn:aws:iam::123456789012:role/schedules",
        PUSH_LOOPBACK: "true",
        OWN_HOSTS: "talk.example.com api.example.com",
      },
    });
    api = eventsApi(functions);
    recorder = new Recorder(functions.foundation.database);
  });
  afterAll(async () => {
    await Promise.all([management?.close(), aws?.close(), service?.close()]);
    await engine?.stop();
  });
  beforeEach(async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    [alice, bob] = [await newPerson(api), await newPerson(api)];
    phone = await logIn(bob);
    browser = service.subscribe();
    address = "8.8.8.8";
    aws.requests.length = 0;
    aws.answer(202);
  });
  afterEach(() => {
    expect(service.faults).toEqual([]);
    vi.restoreAllMocks();
  });

  async function logIn({ username, password }: Person, deviceName = "phone", more: Fields = {}): Promise<Login> {
    const { body } = await api(json("/login", { username, password, deviceName, ...more }));
    return { token: String(body["token"]), id: String(body["id"]), deviceId: String(body["deviceId"]) };
  }
  const call = async (made: Call): Promise<Answer> => {
    const answer = await api(made);
    checkAgainstDocument(made, answer);
    return answer;
  };
  const put = (on: { readonly token: string }, fields: Fields = {}) => {
    const { endpoint, keys } = browser;
    return call({ ...json("/push", { token: on.token, endpoint, keys, showText: true, ...fields }), method: "PUT" });
  };
  const subscribe = async (on: Login = phone, fields: Fields = {}): Promise<void> => {
    expect((await put(on, fields)).status).toBe(204);
  };
  const send = async (fields: Fields = {}, from: { token: string; id: string } = alice) => {
    const { token, id } = from;
    const answer = await call(json("/send", { token, id, sendToId: bob.id, content: "Hello, Bob!", ...fields }));
    expect(answer.status).toBe(202);
    return answer.body;
  };
  /** A group that alice makes with others. */
  const groupOf = async (...others: readonly Person[]): Promise<string> => {
    const members = others.map(({ id }) => id);
    const { body } = await api(json("/groups", { token: alice.token, name: "Climbing", members }));
    return String(body["groupId"]);
  };
  const deviceOf = async ({ id, deviceId }: Login): Promise<Device | undefined> => {
    const stored = await getRecord<{ devices: Device[] }>(engine.accounts, profileKey(id), { consistent: true });
    return stored?.devices?.find((device) => device.id === deviceId);
  };
  const sessionOf = async (login: Login) => String((await deviceOf(login))?.session);
  /** What `send` has handed over. Each send says so before it is answered, and the stand-in hears of it a moment later. */
  const handedOver = async (count = 1): Promise<PushEvent[]> => {
    await aws.until(count);
    expect(aws.requests).toHaveLength(count);
    return aws.requests.map(({ body }) => body as PushEvent);
  };
  /** Runs the function as Lambda does. */
  const deliver = (event: PushEvent) => functions.push(event, { awsRequestId: "r", invokedFunctionArn: ARN } as never);
  /** One message with all that follows. */
  const pushed = async (fields: Fields = {}, from: { token: string; id: string } = alice) => {
    await send(fields, from);
    const [event] = await handedOver();
    await deliver(event as PushEvent);
    aws.requests.length = 0;
    return service.of(browser);
  };
  /** That nothing is handed over: whatever a send hands over is on its way before its answer. */
  const nothingAfter = async (work: () => Promise<unknown>): Promise<void> => {
    const opened = aws.connections();
    await work();
    expect([aws.connections() - opened, aws.requests]).toEqual([0, []]);
  };

  describe("the routes", () => {
    it("tell the key that browsers subscribe with, the same to all", async () => {
      const answers = await Promise.all(
        [alice, phone].map(({ token }) => call(bearer(token, { method: "GET", path: "/push" }))),
      );
      const { publicKey } = await functions.services.push.vapidKeys.get();
      expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(2).fill([200, { publicKey }]));
    });

    it.each(["GET", "PUT", "DELETE"])("%s is for who is logged in", async (method) => {
      const { endpoint, keys } = browser;
      expectProblem(await call({ ...json("/push", { endpoint, keys }), method }), 401, "invalid_token");
    });

    it("take a subscription for a device of its own, and for no shared one", async () => {
      const refused = await put(bob);
      expectProblem(refused, 400, "invalid_request");
      expect(refused.body["detail"]).toContain("deviceName");
      await subscribe();
      expect(await deviceOf(phone)).toMatchObject({ push: true });
    });

    it.each<[string, Fields, string[]]>([
      ["no endpoint", { endpoint: undefined }, ["endpoint"]],
      ["an endpoint that is no text", { endpoint: 7 }, ["endpoint"]],
      ["plain HTTP", { endpoint: "http://127.0.0.1/p" }, ["endpoint"]],
      ["a private address", { endpoint: "https://10.0.0.1/p" }, ["endpoint"]],
      ["the cloud's own address", { endpoint: "https://169.254.169.254/latest/meta-data" }, ["endpoint"]],
      ["a decimal host", { endpoint: "https://167772161/" }, ["endpoint"]],
      ["no keys", { keys: undefined }, ["keys"]],
      ["keys that are a text", { keys: "p256dh" }, ["keys"]],
      ["a key that is missing", { keys: {} }, ["keys.auth", "keys.p256dh"]],
      ["no point of the curve", { keys: { p256dh: `B${"A".repeat(86)}`, auth: "A".repeat(22) } }, ["keys.p256dh"]],
      [
        "a short secret",
        {
          keys: {
            p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            auth: "AA",
          },
        },
        ["keys.auth"],
      ],
      ["a flag that is none", { showText: "yes" }, ["showText"]],
      ["a muted conversation that is no id", { muted: ["alice"] }, ["muted.0"]],
      ["too many muted conversations", { muted: Array(201).fill("5f0c54a1-7d3e-4a0b-9c0e-2f6d1a7b8c90") }, ["muted"]],
    ])("refuse %s", async (_, fields, faults) => {
      const answer = await put(phone, fields);
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual(faults);
      expect(await deviceOf(phone)).not.toHaveProperty("push");
    });

    it("keep a session's record below 4 KB, whatever is subscribed to", async () => {
      const muted = Array.from({ length: LIMITS.push.muted }, () => crypto.randomUUID());
      const endpoint = `${browser.endpoint}/${"p".repeat(LIMITS.push.endpointCharacters - browser.endpoint.length - 1)}`;
      await subscribe(phone, { muted, endpoint });
      const stored = await getRecord(engine.accounts, sessionKey(bob.id, await sessionOf(phone)), { consistent: true });
      expect(JSON.stringify(stored).length).toBeLessThan(4_096);
    });

    it("end a subscription, also a second time, and none of a shared device", async () => {
      await subscribe();
      for (const login of [phone, phone, bob]) {
        expect((await call(bearer(login.token, { method: "DELETE", path: "/push" }))).status).toBe(204);
      }
      expect(await deviceOf(phone)).not.toHaveProperty("push");
      await nothingAfter(send);
    });
  });

  describe("a message", () => {
    it("is told to a device that is not connected, with who, what and when", async () => {
      await subscribe();
      const { sentAt } = await send();
      const events = await handedOver();
      await deliver(events[0] as PushEvent);
      expect(service.of(browser)).toMatchObject([
        {
          headers: { urgency: "high", ttl: "86400" },
          claims: { sub: "https://talk.example.com" },
        },
      ]);
      expect(service.of(browser)[0]?.content).toEqual({
        conversation: alice.id,
        senderId: alice.id,
        senderName: alice.username,
        sentAt: Date.parse(String(sentAt)),
        text: "Hello, Bob!",
      });
    });

    it("waits for no answer of Lambda: a send with a push has the round trips and calls of one without", async () => {
      const commands = async () => {
        const { calls } = await recorder.inRounds(() => send());
        return { rounds: roundTrips(calls), commands: calls.map(({ command }) => command).toSorted() };
      };
      const without = await commands();
      await subscribe();
      // It never answers: a send that waited would not end.
      aws.answer(undefined);
      expect(await commands()).toEqual(without);
      expect(without.rounds).toBe(2);
      await handedOver();
    });

    it("is answered all the same where Lambda is out of reach", async () => {
      await subscribe();
      const down = await makeFunctions(engine, { settings: { PUSH_URL: "http://127.0.0.1:1/push" } });
      const elsewhere = eventsApi({ ...functions, send: down.send });
      // Of the same keys and sessions.
      vi.spyOn(down.services.send.tokens, "open").mockResolvedValue({
        ...(await functions.foundation.tokens.open(alice.token)),
      });
      const { token, id } = alice;
      const answer = await elsewhere(json("/send", { token, id, sendToId: bob.id, content: "Hello" }));
      expect(answer.status).toBe(202);
      expect(String(vi.mocked(console.warn).mock.calls.flat())).toContain("hand over a push");
    });

    it("waits no longer than it may for a connection to Lambda that does not come about", async () => {
      await subscribe();
      // It never says a word of the handshake.
      const silent = createServer().listen(0, "127.0.0.1");
      await once(silent, "listening");
      const { port } = silent.address() as AddressInfo;
      const hanging = await makeFunctions(engine, { settings: { PUSH_URL: `https://127.0.0.1:${port}/` } });
      const { handOverTime } = LIMITS.push;
      Object.assign(LIMITS.push, { handOverTime: 50 });
      const device = await deviceOf(phone);
      const destination = { device: device as Device, channel: bob.id };
      const sent = { messageId: uuidv7(), sentAt: Date.now(), stored: [destination] };
      const message = { senderId: alice.id, senderName: "alice", content: "Hello" };
      const opened = once(silent, "connection");
      try {
        await hanging.services.send.pushes?.prepare(message, [destination])?.(sent);
        const warned = String(vi.mocked(console.warn).mock.calls.flat());
        expect(warned).toContain("hand over a push");
        expect(warned).toContain("took longer than 50 ms");
      } finally {
        Object.assign(LIMITS.push, { handOverTime });
        const [socket] = (await opened) as [Socket];
        socket.destroy();
        silent.close();
      }
    });

    it("bears no text where the user wants none, nor what is no text", async () => {
      await subscribe(phone, { showText: false });
      expect((await pushed()).at(-1)?.content).not.toHaveProperty("text");
      await subscribe();
      const secret = JSON.stringify({ fileId: "f", key: "secret" });
      expect((await pushed({ type: "file", content: secret })).at(-1)?.content).not.toHaveProperty("text");
      expect((await pushed({ type: "text", content: "Hi" })).at(-1)?.content).toHaveProperty("text", "Hi");
    });

    it("bears no more than the beginning of a text, in whole characters", async () => {
      await subscribe();
      const waves = await pushed({ content: "👋".repeat(201) });
      expect(waves.at(-1)?.content["text"]).toBe("👋".repeat(200));
      const worst = await pushed({ content: `${"\u0001".repeat(199)}x…` });
      expect(worst.at(-1)?.content["text"]).toBe(`${"\u0001".repeat(199)}x`);
    });

    it("has its conversation for a topic, which tells no id", async () => {
      await subscribe();
      await pushed();
      const carol = await newPerson(api);
      await pushed({}, carol);
      await pushed();
      const topics = service.of(browser).map(({ headers }) => String(headers["topic"]));
      expect(topics[2]).toBe(topics[0]);
      expect(topics[1]).not.toBe(topics[0]);
      for (const topic of topics) expect(topic).toMatch(/^[\w-]{32}$/);
      // In no part either: 32 characters have room for a UUID without its hyphens.
      const [beginning = ""] = alice.id.split("-");
      expect(topics.join()).not.toContain(beginning);
    });

    it("that is quiet is told to nobody, and costs no connection", async () => {
      await subscribe();
      await nothingAfter(() => send({ quiet: true }));
    });

    it("that is a repeat is told once", async () => {
      await subscribe();
      const messageId = uuidv7();
      await pushed({ messageId });
      await send({ messageId });
      expect(aws.requests).toEqual([]);
    });

    it.each<[string, () => Promise<Fields>]>([
      ["one user", async () => ({})],
      ["a group", async () => ({ sendToId: await groupOf(bob) })],
    ])("to %s is told to no device that is connected, and to the others", async (_, toWhom) => {
      const fields = await toWhom();
      await subscribe();
      const laptop = await logIn(bob, "laptop");
      const other = browser;
      browser = service.subscribe();
      await subscribe(laptop);
      const [sessionId, { channel } = {}] = [await sessionOf(phone), await deviceOf(phone)];
      const connections = new Connections(engine.accounts, Date.now);
      await connections.add("one=", { userId: bob.id, sessionId, deviceId: phone.deviceId, channel });
      management.fates.set("one=", "there");
      expect(await pushed(fields)).toHaveLength(1);
      expect(service.of(other)).toEqual([]);
      const { token } = laptop;
      await call(bearer(token, { method: "DELETE", path: "/push" }));
      await nothingAfter(() => send(fields));
    });

    it("that the device has fetched meanwhile is not told", async () => {
      await subscribe();
      await send();
      const [event] = await handedOver();
      await api(json("/sync", { token: phone.token, id: bob.id }));
      await deliver(event as PushEvent);
      expect(service.of(browser)).toEqual([]);
    });

    it("of a muted conversation is not told; any other one is", async () => {
      await subscribe(phone, { muted: [alice.id] });
      expect(await pushed()).toEqual([]);
      expect(await pushed({}, await newPerson(api))).toHaveLength(1);
    });

    it("of a muted group is not told, and in a group it is though its sender is muted", async () => {
      const sendToId = await groupOf(bob);
      await subscribe(phone, { muted: [sendToId] });
      expect(await pushed({ sendToId })).toEqual([]);
      await subscribe(phone, { muted: [alice.id] });
      expect(await pushed({ sendToId })).toHaveLength(1);
    });

    it("of a muted group is told if it mentions the user", async () => {
      const made = await api(json("/groups", { token: alice.token, name: "Climbing", members: [bob.id] }));
      const sendToId = String(made.body["groupId"]);
      await subscribe(phone, { muted: [sendToId, alice.id] });
      expect(await pushed({ content: `To you alone, @${bob.username}` })).toEqual([]);
      expect(await pushed({ sendToId, content: `@${bob.username}x and @${alice.username}` })).toEqual([]);
      expect(await pushed({ sendToId, content: `See https://example.com/?of=@${bob.username}` })).toEqual([]);
      expect(await pushed({ sendToId, content: `Are you coming, @${bob.username.toUpperCase()}?` })).toMatchObject([
        { content: { conversation: sendToId, isMention: true } },
      ]);
    });

    it("to oneself is told to one's other devices", async () => {
      await subscribe();
      await nothingAfter(() => send({}, phone));
      const [{ content } = { content: {} }] = await pushed({}, bob);
      expect(content).toMatchObject({ conversation: bob.id, senderId: bob.id });
    });

    it("to another one is not told to one's own devices", async () => {
      await subscribe();
      await nothingAfter(() => send({ sendToId: alice.id }, bob));
    });

    it("to a group is told to its members but the sender, without haste, with the group's name", async () => {
      await subscribe();
      const own = await logIn(alice);
      const groupId = await groupOf(bob, await newPerson(api));
      expect(aws.requests).toEqual([]);
      const bobs = browser;
      browser = service.subscribe();
      await subscribe(own);
      await send({ sendToId: groupId });
      const [event] = await handedOver();
      expect(event?.push.targets.map(({ userId }) => userId)).toEqual([bob.id]);
      await deliver(event as PushEvent);
      expect(service.of(bobs)).toMatchObject([
        {
          content: { conversation: groupId, groupName: "Climbing", senderName: alice.username, text: "Hello, Bob!" },
          headers: { urgency: "normal" },
        },
      ]);
      expect(service.of(browser)).toEqual([]);
    });

    it("floods no device: past its rate it is told of nothing", async () => {
      await subscribe();
      const { ofDevice } = LIMITS.push;
      // Its clock stands, so that nothing comes back to the rate meanwhile.
      const pushes = new Pushes(new Dispatch(aws.url, signBy(functions.foundation.database)), () => 0);
      const device = await deviceOf(phone);
      const destination = { device: device as Device, channel: bob.id };
      const message = { senderId: alice.id, senderName: "alice", content: "Hello" };
      for (let at = 0; at < ofDevice.burst + 5; at++) {
        const sent = { messageId: uuidv7(), sentAt: Date.now(), stored: [destination] };
        await pushes.prepare(message, [destination])?.(sent);
      }
      await handedOver(ofDevice.burst);
    });
  });

  describe("a subscription ends, with its session at the latest,", () => {
    const ways: Readonly<Record<string, () => Promise<unknown>>> = {
      "its user's wish": () => call(bearer(phone.token, { method: "DELETE", path: "/push" })),
      "a logout": () => api(json("/logout", { token: phone.token, id: bob.id })),
      "the removal of the device": () =>
        api(bearer(bob.token, { method: "DELETE", path: `/devices/${phone.deviceId}` })),
      "the end of the session from another one": async () =>
        api(bearer(bob.token, { method: "DELETE", path: `/sessions/${await sessionOf(phone)}` })),
      "a new password": () => {
        const { token, id, password } = bob;
        return api(json("/password", { token, id, password, newPassword: "another correct horse" }));
      },
      "another login on the device": () => logIn(bob, "phone", { deviceId: phone.deviceId }),
      "its time": async () => deleteRecord(engine.accounts, sessionKey(bob.id, await sessionOf(phone))),
    };

    it.each(Object.entries(ways))("by %s", async (_, end) => {
      await subscribe();
      await send();
      const [event] = await handedOver();
      aws.requests.length = 0;
      await end();
      // What was handed over before it ended reaches nobody either.
      await deliver(event as PushEvent);
      await send();
      for (const { body } of aws.requests) await deliver(body as PushEvent);
      expect(service.of(browser)).toEqual([]);
      // Whatever mark was left is taken off then.
      aws.requests.length = 0;
      await nothingAfter(send);
      expect((await deviceOf(phone))?.push).toBeUndefined();
    });

    it("is stored and found for a session that goes on, on its own device alone", async () => {
      await subscribe();
      const { subscriptions } = functions.services.push;
      const own = { userId: bob.id, sessionId: await sessionOf(phone), deviceId: phone.deviceId, channel: bob.id };
      const elsewhere = { ...own, deviceId: (await logIn(bob, "laptop")).deviceId };
      const other = { endpoint: `${browser.endpoint}/2`, ...browser.keys, showText: true, muted: [] };
      expect(await subscriptions.set(elsewhere, other)).toBe(false);
      expect(await subscriptions.find(own)).toMatchObject({ endpoint: browser.endpoint });
      expect(await subscriptions.find(elsewhere)).toBeUndefined();
      const key = sessionKey(bob.id, own.sessionId);
      await deleteRecord(engine.accounts, key);
      expect(await subscriptions.set(own, other)).toBe(false);
      expect(await getRecord(engine.accounts, key, { consistent: true })).toBeUndefined();
    });

    it("whose time is over, though DynamoDB has not deleted it yet", async () => {
      await subscribe();
      const key = sessionKey(bob.id, await sessionOf(phone));
      const stored = await getRecord<SessionAttributes>(engine.accounts, key, { consistent: true });
      await putRecord(engine.accounts, { ...key, ...stored, expiresAt: Math.floor(Date.now() / 1_000) - 1 });
      expect(await pushed()).toEqual([]);
    });
  });

  describe("a push service's answer", () => {
    it.each([404, 410])("%i ends the subscription", async (status) => {
      await subscribe();
      service.refuse(browser, { status });
      expect(await pushed()).toEqual([]);
      expect(await deviceOf(phone)).not.toHaveProperty("push");
      const session = await getRecord(engine.accounts, sessionKey(bob.id, await sessionOf(phone)), {
        consistent: true,
      });
      expect(session).not.toHaveProperty("push");
      await nothingAfter(send);
    });

    it("410 ends none that the browser has made since", async () => {
      await subscribe();
      await send();
      const [event] = await handedOver();
      const before = await functions.services.push.subscriptions.find(event?.push.targets[0] as never);
      service.refuse(browser, { status: 410 });
      vi.spyOn(functions.services.push.subscriptions, "find").mockImplementationOnce(async () => {
        const old = browser;
        browser = service.subscribe();
        await subscribe();
        service.refuse(old, { status: 410 });
        return before;
      });
      await deliver(event as PushEvent);
      aws.requests.length = 0;
      expect(await pushed()).toHaveLength(1);
    });

    it.each<[number, string | undefined, number]>([
      [429, "120", 120_000],
      [503, undefined, LIMITS.push.retryAfter],
      [503, "0", LIMITS.push.retryAfter],
      [429, "Wed, 21 Oct 2015 07:28:00 GMT", LIMITS.push.retryAfter],
    ])("%i with a Retry-After of %s puts it off, by a schedule that runs once", async (status, retryAfter, wait) => {
      await subscribe();
      await send();
      const [event] = (await handedOver()) as [PushEvent];
      aws.requests.length = 0;
      service.refuse(browser, { status, ...(retryAfter && { headers: { "retry-after": retryAfter } }) });
      const before = Date.now();
      await deliver(event);
      const after = Date.now();
      expect(aws.requests).toEqual([
        {
          method: "POST",
          path: expect.stringMatching(/^\/schedules\/push-[\w-]{22}$/),
          headers: expect.objectContaining({ authorization: expect.stringContaining("/scheduler/aws4_request") }),
          body: {
            GroupName: "gotalk-dev-push",
            ScheduleExpression: expect.stringMatching(/^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$/),
            FlexibleTimeWindow: { Mode: "OFF" },
            ActionAfterCompletion: "DELETE",
            Target: {
              Arn: ARN,
              RoleArn: "arn:aws:iam::123456789012:role/schedules",
              Input: JSON.stringify({ push: { message: event.push.message, targets: event.push.targets, tries: 1 } }),
            },
          },
        },
      ]);
      const schedule = aws.requests[0]?.body as { ScheduleExpression: string; Target: { Input: string } };
      const at = Date.parse(`${schedule.ScheduleExpression.slice(3, -1)}Z`);
      expect(at).toBeGreaterThan(before + wait - 1_000);
      expect(at).toBeLessThanOrEqual(after + wait);
      await deliver(JSON.parse(schedule.Target.Input));
      expect(service.of(browser)).toHaveLength(1);
    });

    it("that does not come is asked for again", async () => {
      await subscribe(phone, { endpoint: "https://127.0.0.1:1/push" });
      await send();
      const [event] = (await handedOver()) as [PushEvent];
      aws.requests.length = 0;
      await deliver(event);
      expect(aws.requests.map(({ path }) => path)).toEqual([expect.stringMatching(/^\/schedules\/push-/)]);
    });

    it("is asked for no more where its name has got a private address: nobody is called, and nothing is put off", async () => {
      await subscribe(phone, { endpoint: "https://push.example.com/push" });
      await send();
      const [event] = (await handedOver()) as [PushEvent];
      aws.requests.length = 0;
      address = "127.0.0.1";
      await deliver(event);
      expect(aws.requests).toEqual([]);
    });

    it("of an event that is an hour old is not asked for", async () => {
      await subscribe();
      await send();
      const [event] = (await handedOver()) as [PushEvent];
      const sentAt = Date.now() - LIMITS.push.retryFor - 1_000;
      await deliver({ push: { ...event.push, message: { ...event.push.message, sentAt } } });
      expect(service.asked).not.toContain(new URL(browser.endpoint).pathname);
    });

    it("is not followed to another place, and a refusal ends nothing", async () => {
      await subscribe();
      const other = service.subscribe();
      service.refuse(browser, { status: 307, headers: { location: other.endpoint } }, { status: 400 });
      expect(await pushed()).toEqual([]);
      expect(await pushed()).toEqual([]);
      expect(service.of(other)).toEqual([]);
      expect(await pushed()).toHaveLength(1);
    });
  });

  it("takes events of goTalk alone for such: a request cannot look like one", async () => {
    await subscribe();
    await send();
    const [event] = (await handedOver()) as [PushEvent];
    const answer = await functions.push(
      { ...event, requestContext: { http: { method: "POST", path: "/push", sourceIp: "203.0.113.7" } } } as never,
      { awsRequestId: "r", invokedFunctionArn: ARN } as never,
    );
    expect(answer.statusCode).toBe(404);
    expect(service.of(browser)).toEqual([]);
  });
});
