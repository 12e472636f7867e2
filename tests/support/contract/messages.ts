import { randomUUID } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Api, bearer, type Fields, form, json } from "../api.ts";
import { claimOf, newPerson, type Person } from "../logins.ts";
import { expectProblem } from "../problems.ts";

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUIDV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What api.md says of send and sync. */
export function messagesContract(theApi: () => Api): void {
  let api: Api;
  let ann: Person;
  let bob: Person;

  const send = (fields: Fields) => api(json("/send", { ...claimOf(ann), sendToId: bob.id, ...fields }));
  const sync = (fields: Fields = {}) => api(json("/sync", { ...claimOf(bob), ...fields }));
  const contents = async (fields: Fields = {}) => contentsOf((await sync(fields)).body["messages"]);

  beforeAll(async () => {
    api = theApi();
    [ann, bob] = await Promise.all([newPerson(api), newPerson(api)]);
  });
  beforeEach(async () => {
    await contents();
  });

  describe("goTalk's own example, with a token", () => {
    it("works as jQuery sends it", async () => {
      const { token, username, id } = ann;
      const sent = await api(
        form("/send", { token, username, id, sendToId: bob.id, content: "Hi Bob! 1 + 1 = 2 & more" }),
      );
      expect(sent.status).toBe(202);
      const { status, body } = await api(form("/sync", { token: bob.token, id: bob.id }));
      expect(status).toBe(200);
      expect(contentsOf(body["messages"])).toEqual(["Hi Bob! 1 + 1 = 2 & more"]);
    });
  });

  describe("POST /send", () => {
    it("answers 202, and the message arrives with all that is said of it", async () => {
      const sent = await send({ content: "hello" });
      expect(sent.status).toBe(202);
      expect(sent.body).toEqual({
        status: "received",
        messageId: expect.stringMatching(UUIDV7),
        sentAt: expect.stringMatching(RFC3339),
      });
      expect((await sync()).body["messages"]).toEqual([
        {
          messageId: sent.body["messageId"],
          senderId: ann.id,
          senderName: ann.username,
          content: "hello",
          sentAt: sent.body["sentAt"],
          redelivered: false,
        },
      ]);
    });

    it("takes the aliases sendTo and Token", async () => {
      const call = { Token: ann.token, id: ann.id, sendTo: bob.id, content: "by alias" };
      expect((await api(json("/send", call))).status).toBe(202);
      expect((await api(form("/send", call))).status).toBe(202);
      expect(await contents()).toEqual(["by alias", "by alias"]);
    });

    it("takes the token as a bearer, whatever the case of its scheme", async () => {
      const call = json("/send", { id: ann.id, sendToId: bob.id, content: "by bearer" });
      expect((await api(bearer(ann.token, call))).status).toBe(202);
      const shouting = { ...call, headers: { ...call.headers, authorization: `BEARER ${ann.token}` } };
      expect((await api(shouting)).status).toBe(202);
      expect(await contents()).toHaveLength(2);
    });

    it("believes the token in the body before the bearer", async () => {
      const call = json("/send", { ...claimOf(ann), sendToId: bob.id, content: "mine" });
      expect((await api(bearer(bob.token, call))).status).toBe(202);
    });

    it("names the token's user as the sender, whatever the body says", async () => {
      await send({
        content: "forged?",
        senderId: bob.id,
        senderName: bob.username,
        sentAt: "1970-01-01T00:00:00.000Z",
      });
      const [message] = (await sync()).body["messages"] as Fields[];
      expect(message).toMatchObject({ senderId: ann.id, senderName: ann.username });
      expect(message?.["sentAt"]).not.toMatch(/^1970/);
    });

    it("takes one's own username in any case, and a message to oneself", async () => {
      expect((await send({ content: "x", username: ann.username.toUpperCase() })).status).toBe(202);
      const note = await api(json("/send", { ...claimOf(bob), sendToId: bob.id, content: "note" }));
      expect(note.status).toBe(202);
      expect(await contents()).toEqual(["x", "note"]);
    });

    it("answers each retry alike, whatever the receiver did meanwhile, and delivers once", async () => {
      const messageId = uuidv7();
      /** Answered in these words, with the time of this answer. */
      const expectAnswer = async (id = messageId): Promise<void> => {
        const before = Date.now();
        const { status, body } = await send({ content: "once", messageId: id });
        const after = Date.now();
        expect(status).toBe(202);
        expect(body).toEqual({ status: "received", messageId, sentAt: expect.stringMatching(RFC3339) });
        const sentAt = Date.parse(String(body["sentAt"]));
        expect([before <= sentAt, sentAt <= after]).toEqual([true, true]);
      };
      await expectAnswer();
      await expectAnswer(messageId.toUpperCase());
      const { body } = await sync({ ack: bob.receipt });
      expect(contentsOf(body["messages"])).toEqual(["once"]);
      await expectAnswer();
      expect(await contents({ ack: body["receipt"] })).toEqual([]);
      await expectAnswer();
      expect(await contents({ ack: body["receipt"] })).toEqual([]);
    });

    it("answers 409 to another content under the same messageId, and keeps the first", async () => {
      const messageId = uuidv7();
      await send({ content: "first", messageId });
      expectProblem(await send({ content: "second", messageId }), 409, "message_id_reused");
      expect(await contents()).toEqual(["first"]);
    });

    it("keeps apart two senders who use the same messageId", async () => {
      const messageId = uuidv7();
      await send({ content: "from Ann", messageId });
      const other = await api(json("/send", { ...claimOf(bob), sendToId: bob.id, content: "from Bob", messageId }));
      expect(other.body).toMatchObject({ messageId });
      expect((await contents()).sort()).toEqual(["from Ann", "from Bob"]);
    });

    it.each([
      ["an id that nobody has", () => randomUUID()],
      ["a username", () => bob.username],
      ["an id in upper case", () => bob.id.toUpperCase()],
      ["nothing", () => ""],
      ["the nil UUID", () => "00000000-0000-0000-0000-000000000000"],
      ["a key of the table", () => `user#${bob.id}`],
    ])("answers 404 to %s as the receiver", async (_, receiver) => {
      expectProblem(await send({ sendToId: receiver(), content: "x" }), 404, "unknown_receiver");
    });
  });

  describe("POST /sync", () => {
    it("answers an empty channel with no messages and a receipt", async () => {
      const { status, body } = await sync();
      expect(status).toBe(200);
      expect(body).toEqual({ messages: [], receipt: expect.stringMatching(/^[\w-]{1,64}$/), more: false });
    });

    it("without ack takes each message once, in order", async () => {
      for (const content of ["1", "2", "3"]) await send({ content });
      expect(await contents()).toEqual(["1", "2", "3"]);
      expect(await contents()).toEqual([]);
    });

    it("with ack hands the same batch out until its receipt is shown", async () => {
      await send({ content: "kept" });
      const first = await sync({ ack: bob.receipt });
      const again = await sync({ ack: bob.receipt });
      expect(contentsOf(first.body["messages"])).toEqual(["kept"]);
      const [message] = first.body["messages"] as [object];
      expect(again.body).toEqual({ ...first.body, messages: [{ ...message, redelivered: true }] });
      const next = await sync({ ack: first.body["receipt"] });
      expect(next.body).toMatchObject({ messages: [], more: false });
    });

    it("tells another client how long to wait while a batch is out", async () => {
      await send({ content: "held" });
      const holder = await sync({ ack: bob.receipt });
      for (const stranger of [await sync(), await sync({ ack: "another-chain" })]) {
        expect(stranger.body).toEqual({
          messages: [],
          receipt: expect.any(String),
          more: false,
          retryAfter: expect.any(Number),
        });
        expect(stranger.body["retryAfter"]).toBeGreaterThan(0);
        expect(stranger.body["retryAfter"]).toBeLessThanOrEqual(30);
      }
      await sync({ ack: holder.body["receipt"] });
    });

    it("hands out as many as limit says, and says that there are more", async () => {
      for (const content of ["1", "2", "3"]) await send({ content });
      const first = await sync({ limit: 2 });
      expect(contentsOf(first.body["messages"])).toEqual(["1", "2"]);
      expect(first.body["more"]).toBe(true);
      const rest = await api(form("/sync", { ...claimOf(bob), limit: "2" }));
      expect(contentsOf(rest.body["messages"])).toEqual(["3"]);
      expect(rest.body["more"]).toBe(false);
    });

    it("takes a form with ack", async () => {
      const { status, body } = await api(form("/sync", { ...claimOf(bob), ack: bob.receipt, limit: 100 }));
      expect(status).toBe(200);
      expect(body["receipt"]).toBe(bob.receipt);
    });
  });

  describe("unknown fields", () => {
    it("are ignored, in JSON and in forms", async () => {
      const extra = { connectionId: "7", room: "lobby", constructor: "x", toString: "y", "": "z" };
      expect((await send({ ...extra, content: "with extras", nested: { token: "x" }, list: [1] })).status).toBe(202);
      expect((await api(form("/sync", { ...claimOf(bob), ...extra }))).status).toBe(200);
    });
  });
}

const contentsOf = (messages: unknown): string[] => (messages as { content: string }[]).map(({ content }) => content);
