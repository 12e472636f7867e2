import { randomUUID } from "node:crypto";
import { v4 as uuidv4, v7 as uuidv7 } from "uuid";
import { beforeAll, describe, expect, it } from "vitest";
import { type Api, type Fields, FORM_TYPE, form, formOf, JSON_TYPE, json, post } from "../api.ts";
import { claimOf, newPerson, newUsername, PASSWORD, type Person } from "../logins.ts";
import { AROUND_THE_BOUNDS, messageIdAt } from "../message-ids.ts";
import { expectProblem, fieldsIn } from "../problems.ts";

const MOST_CONTENT = 16_384;
const MOST_BODY = 65_536;

/** A username of this length that nobody has. */
const nameOf = (length: number): string => (newUsername() + newUsername()).slice(0, length);

/** Every row of api.md's table of limits: at its bound, and just past it. */
export function limitsContract(theApi: () => Api): void {
  let api: Api;
  let ann: Person;
  const send = (fields: Fields) => api(json("/send", { ...claimOf(ann), sendToId: ann.id, ...fields }));
  const sync = (fields: Fields = {}) => api(json("/sync", { ...claimOf(ann), ...fields }));

  beforeAll(async () => {
    api = theApi();
    ann = await newPerson(api);
  });

  describe("username", () => {
    it.each([nameOf(32), `${nameOf(20)}._-`, nameOf(30).toUpperCase()])("takes %s", async (username) => {
      expect((await api(json("/register", { username, password: PASSWORD }))).status).toBe(201);
    });

    it("takes 3 characters", async () => {
      // All names of 3 characters may be taken on a database that is kept.
      const answer = await api(json("/register", { username: randomUUID().slice(0, 3), password: PASSWORD }));
      expect([201, 409]).toContain(answer.status);
    });

    it.each([
      ["2 characters", "ab"],
      ["33 characters", nameOf(33)],
      ["nothing", ""],
      ["a space", "ann bob"],
      ["an umlaut", "änne"],
      ["the Kelvin sign, a K in another form", "\u212Aate"],
      ["a line break at the end", "anne\n"],
      ["a separator of keys", "ann#bob"],
      ["a number", 12_345],
      ["null", null],
    ])("refuses %s", async (_, username) => {
      for (const path of ["/register", "/login"]) {
        const answer = await api(json(path, { username, password: PASSWORD }));
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["username"]);
      }
    });
  });

  describe("password", () => {
    it.each([
      ["8 characters", "8 chars!"],
      ["128 characters", "p".repeat(128)],
      ["128 emoji", "🔑".repeat(128)],
    ])("takes %s", async (_, password) => {
      const username = newUsername();
      expect((await api(json("/register", { username, password }))).status).toBe(201);
      expect((await api(json("/login", { username, password }))).status).toBe(200);
    });

    it.each([
      ["7 characters", "7 chars"],
      ["7 emoji, which are 14 code units", "🔑".repeat(7)],
      ["129 characters", "p".repeat(129)],
      ["half a surrogate pair", "password\ud83d"],
      ["an array", ["p".repeat(10)]],
    ])("refuses %s", async (_, password) => {
      for (const path of ["/register", "/login"]) {
        const answer = await api(json(path, { username: newUsername(), password }));
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["password"]);
      }
    });
  });

  describe("content", () => {
    it.each([
      ["1 character", "x"],
      ["16,384 bytes", "x".repeat(MOST_CONTENT)],
      ["16,384 bytes of emoji", "😀".repeat(MOST_CONTENT / 4)],
      ["NUL, line breaks and quotes", 'a\0b\r\nc\td"\\\u2028'],
    ])("takes %s, in JSON and in a form", async (_, content) => {
      const fields = { ...claimOf(ann), sendToId: ann.id, content };
      expect((await api(json("/send", fields))).status).toBe(202);
      expect((await api(form("/send", fields))).status).toBe(202);
      const messages = (await sync()).body["messages"] as { content: string }[];
      expect(messages.map((message) => message.content === content)).toEqual([true, true]);
    });

    it.each([
      ["16,385 bytes", "x".repeat(MOST_CONTENT + 1)],
      ["16,384 characters of 16,385 bytes", `ö${"x".repeat(MOST_CONTENT - 1)}`],
    ])("refuses %s by 413", async (_, content) => {
      expectProblem(await send({ content }), 413, "too_large");
      expectProblem(await api(form("/send", { ...claimOf(ann), sendToId: ann.id, content })), 413, "too_large");
    });

    it.each([
      ["nothing", ""],
      ["half a surrogate pair", "x\udc00"],
      ["a number", 5],
      ["an object", { content: "x" }],
    ])("refuses %s by 400", async (_, content) => {
      const answer = await send({ content });
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual(["content"]);
    });
  });

  describe("body", () => {
    const padded = (bytes: number): string => {
      const fields = { ...claimOf(ann), pad: "" };
      return JSON.stringify({ ...fields, pad: "x".repeat(bytes - JSON.stringify(fields).length) });
    };

    it("may have 64 KiB", async () => {
      expect((await api(post("/sync", JSON_TYPE, padded(MOST_BODY)))).status).toBe(200);
      const start = `${formOf(claimOf(ann))}&pad=`;
      expect((await api(post("/sync", FORM_TYPE, start.padEnd(MOST_BODY, "x")))).status).toBe(200);
    });

    it("is refused by 413 with one byte more, on every route, whatever its type", async () => {
      for (const path of ["/register", "/login", "/logout", "/send", "/sync"]) {
        expectProblem(await api(post(path, JSON_TYPE, padded(MOST_BODY + 1))), 413, "too_large");
        expectProblem(await api(post(path, FORM_TYPE, "x".repeat(MOST_BODY + 1))), 413, "too_large");
      }
    });
  });

  describe("messageId", () => {
    it.each(["a", uuidv4(), "", uuidv7().replaceAll("-", ""), `${uuidv7()}#x`, `{${uuidv7()}}`, null, 7])(
      "refuses %s",
      async (messageId) => {
        const answer = await send({ content: "x", messageId });
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["messageId"]);
      },
    );

    it.each(Object.entries(AROUND_THE_BOUNDS.taken))("takes one whose time is %s", async (_, from) => {
      const messageId = messageIdAt(from);
      expect((await send({ content: "time traveller", messageId })).body).toMatchObject({ messageId });
      expect((await sync()).body["messages"]).toMatchObject([{ messageId, content: "time traveller" }]);
    });

    it.each([
      ...Object.entries(AROUND_THE_BOUNDS.refused).map(([what, from]) => [what, () => messageIdAt(from)] as const),
      ["the first of all", () => "00000000-0000-7000-8000-000000000000"] as const,
      ["the last of all", () => "FFFFFFFF-FFFF-7FFF-BFFF-FFFFFFFFFFFF"] as const,
    ])("refuses one whose time is %s, tells the server's, and stores nothing", async (_, newId) => {
      const before = Date.now();
      const messageId = newId();
      const answer = await send({ content: "time traveller", messageId });
      const after = Date.now();
      expectProblem(answer, 400, "message_id_time");
      expect(answer.body["detail"]).toMatch(
        /more than (31 days before|10 minutes ahead of) the server's\. .*new UUIDv7/,
      );
      const time = Date.parse(String(answer.body["serverTime"]));
      expect([before <= time, time <= after]).toEqual([true, true]);
      expect(answer.body["serverTime"]).toBe(new Date(time).toISOString());
      expect((await sync()).body["messages"]).toEqual([]);
    });

    it("one that was refused leaves what others send as it is, however many come", async () => {
      const bob = await newPerson(api);
      await send({ sendToId: bob.id, content: "poison", messageId: "ffffffff-ffff-7fff-bfff-ffffffffffff" });
      for (let sent = 0; sent < 50; sent++) {
        await send({ sendToId: bob.id, content: String(sent) });
        const { messages } = (await api(json("/sync", claimOf(bob)))).body;
        expect(messages).toMatchObject([{ content: String(sent), redelivered: false }]);
      }
    });
  });

  describe("ack", () => {
    it.each(["a", "-".repeat(64), "AZaz09_-"])("takes %s", async (ack) => {
      expect((await sync({ ack })).status).toBe(200);
    });

    it.each(["", "a".repeat(65), "a b", "a+b", "ä", "a\n", 5, null, ["a"]])("refuses %s", async (ack) => {
      const answer = await sync({ ack });
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual(["ack"]);
    });
  });

  describe("limit", () => {
    it.each([1, 100, "1", "100", 5.0])("takes %s", async (limit) => {
      expect((await sync({ limit })).status).toBe(200);
    });

    it.each([0, 101, -1, 1.5, 1e300, "0", "101", "1.5", "", " 1", "1e1", "0x10", null, true, [1], "9".repeat(400)])(
      "refuses %s",
      async (limit) => {
        const answer = await sync({ limit });
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["limit"]);
      },
    );

    it("refuses a number that is too large for a number", async () => {
      const body = JSON.stringify(claimOf(ann)).replace("}", ',"limit":1e999}');
      expectProblem(await api(post("/sync", JSON_TYPE, body)), 400, "invalid_request");
    });

    it("is 100 by default", async () => {
      for (let sent = 0; sent < 101; sent++) expect((await send({ content: String(sent) })).status).toBe(202);
      const first = await sync();
      expect(first.body["messages"]).toHaveLength(100);
      expect(first.body["more"]).toBe(true);
      expect((await sync()).body["messages"]).toHaveLength(1);
    });
  });
}
