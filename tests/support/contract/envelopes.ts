import { v4 as uuidv4, v7 as uuidv7 } from "uuid";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Api, type Fields, form, json } from "../api.ts";
import { claimOf, newPerson, type Person } from "../logins.ts";
import { expectProblem, fieldsIn } from "../problems.ts";

/** What api.md says of a message's type and of what goes with it. */
export function envelopesContract(theApi: () => Api): void {
  let api: Api;
  let ann: Person;
  let bob: Person;
  const about = uuidv7();

  const fieldsOf = (fields: Fields): Fields => ({ ...claimOf(ann), sendToId: bob.id, ...fields });
  const send = (fields: Fields) => api(json("/send", fieldsOf(fields)));
  const sendForm = (fields: Fields) => api(form("/send", fieldsOf(fields)));
  const take = async () => (await api(json("/sync", claimOf(bob)))).body["messages"] as Fields[];

  /** What arrives, without what the server adds. */
  async function arrived(): Promise<Fields[]> {
    return (await take()).map(({ messageId, senderId, senderName, sentAt, redelivered, ...rest }) => {
      expect([senderId, senderName, redelivered]).toEqual([ann.id, ann.username, false]);
      expect([messageId, sentAt]).toEqual([expect.any(String), expect.any(String)]);
      return rest;
    });
  }

  beforeAll(async () => {
    api = theApi();
    [ann, bob] = await Promise.all([newPerson(api), newPerson(api)]);
  });
  beforeEach(async () => {
    await take();
  });

  describe("the envelope of a message", () => {
    it("arrives as it was sent, by JSON and by a form", async () => {
      const whole = { type: "reaction", about, quiet: true, content: "👍" };
      expect((await send(whole)).status).toBe(202);
      expect((await sendForm(whole)).status).toBe(202);
      expect(await arrived()).toEqual([whole, whole]);
    });

    it("bears nothing that was left out", async () => {
      const parts = [{}, { type: "text" }, { about }, { quiet: true }].map((part) => ({ content: "x", ...part }));
      for (const part of parts) await send(part);
      expect(await arrived()).toEqual(parts);
    });

    it.each(["a", "text", "file", "x-poll.v2/answer+json", "0".repeat(32), "-", "groups"])(
      "has the type %s",
      async (type) => {
        expect((await send({ type, content: "x" })).status).toBe(202);
        expect(await arrived()).toEqual([{ type, content: "x" }]);
      },
    );

    it.each(["", "Text", "a b", "a_b", "ä", "text\n", "\ntext", "0".repeat(33), "group", 5, null, ["text"]])(
      "does not have the type %j",
      async (type) => {
        const answer = await send({ type, content: "x" });
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["type"]);
        expect(await arrived()).toEqual([]);
      },
    );

    it("is about a message, named in any case of letters", async () => {
      await send({ content: "x", about: about.toUpperCase() });
      expect(await arrived()).toEqual([{ content: "x", about }]);
    });

    it.each([uuidv4(), "", "x", `${about}x`, null, 7])("is not about %j", async (wrong) => {
      const answer = await send({ content: "x", about: wrong });
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual(["about"]);
    });

    it.each(["quiet", "copies"])("has %s as a boolean, which a form has as text", async (name) => {
      for (const value of [true, false, "true", "false"]) {
        expect((await send({ content: "x", [name]: value })).status, String(value)).toBe(202);
        expect((await sendForm({ content: "x", [name]: value })).status, String(value)).toBe(202);
      }
      const shown = [true, false, true, false].map((is) => (is && name === "quiet" ? { quiet: true } : {}));
      expect(await arrived()).toEqual(shown.flatMap((flag) => [flag, flag]).map((flag) => ({ content: "x", ...flag })));
      for (const wrong of ["", "yes", "TRUE", "1", 1, 0, null, [true]]) {
        const answer = await send({ content: "x", [name]: wrong });
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer), String(wrong)).toEqual([name]);
      }
    });
  });

  describe("the content of a message", () => {
    it.each(["deletion", "reaction", "delivered", "read", "own", "x"])(
      "is handed out as one space where a message of the type %s has none",
      async (type) => {
        expect((await send({ type, content: "" })).status).toBe(202);
        expect((await sendForm({ type, content: "" })).status).toBe(202);
        expect(await arrived()).toEqual([
          { type, content: " " },
          { type, content: " " },
        ]);
      },
    );

    it.each([undefined, "text", "edit", "file"])("is not empty where the type is %s", async (type) => {
      for (const answer of [
        await send({ type, content: "" }),
        await sendForm({ ...(type && { type }), content: "" }),
      ]) {
        expectProblem(answer, 400, "invalid_request");
        expect(answer.body["errors"]).toEqual([{ field: "content", detail: "must not be empty" }]);
      }
    });

    it.each([undefined, "text", "edit"])("shows something where the type is %s", async (type) => {
      const answer = await send({ type, content: " \u200b" });
      expectProblem(answer, 400, "invalid_request");
      expect(answer.body["errors"]).toEqual([
        { field: "content", detail: "must not consist of invisible characters only" },
      ]);
    });

    it.each(["file", "deletion", "x"])("may show nothing where the type is %s, and arrives as it is", async (type) => {
      expect((await send({ type, content: "\u200b\n" })).status).toBe(202);
      expect(await arrived()).toEqual([{ type, content: "\u200b\n" }]);
    });

    it("is looked at beside all other fields", async () => {
      expect(fieldsIn(await send({ id: 5, content: "", type: "edit", about: "x" }))).toEqual([
        "about",
        "content",
        "id",
      ]);
      expect(fieldsIn(await send({ content: 5, type: "deletion" }))).toEqual(["content"]);
      expect(fieldsIn(await send({ type: "deletion", content: undefined }))).toEqual(["content"]);
      expect(fieldsIn(await send({ type: 5, content: "" }))).toEqual(["type"]);
    });

    it("is bounded whatever its type, and well-formed", async () => {
      expectProblem(await send({ type: "file", content: "x".repeat(16_385) }), 413, "too_large");
      expectProblem(await send({ type: "deletion", content: "x\udc00" }), 400, "invalid_request");
    });
  });

  describe("a repeat with the same messageId", () => {
    const first = { type: "reaction", about, quiet: true, content: "👍" };

    it("is answered as the first try if its envelope is the same", async () => {
      const messageId = uuidv7();
      for (let attempt = 0; attempt < 2; attempt++) {
        expect((await send({ ...first, messageId, copies: attempt === 0 })).status).toBe(202);
      }
      expect(await arrived()).toEqual([first]);
    });

    it.each([
      ["another type", { type: "edit" }],
      ["no type", { type: undefined }],
      ["another message that it is about", { about: uuidv7() }],
      ["none that it is about", { about: undefined }],
      ["a wake", { quiet: false }],
    ])("is refused with %s, and the first is kept", async (_, change) => {
      const messageId = uuidv7();
      await send({ ...first, messageId });
      expectProblem(await send({ ...first, messageId, ...change }), 409, "message_id_reused");
      expect(await arrived()).toEqual([first]);
    });

    it("is the same text whether it says so or not, and stays as it was first", async () => {
      for (const [one, other] of [[{}, { type: "text" }] as const, [{ type: "text" }, {}] as const]) {
        const messageId = uuidv7();
        for (const part of [one, other]) expect((await send({ ...part, messageId, content: "x" })).status).toBe(202);
        expect(await arrived()).toEqual([{ ...one, content: "x" }]);
      }
    });

    it("is the same message whether it is said not to be quiet, or nothing is said", async () => {
      const messageId = uuidv7();
      for (const fields of [{ quiet: false }, {}]) {
        expect((await send({ ...fields, messageId, content: "x" })).status).toBe(202);
      }
      expect(await arrived()).toEqual([{ content: "x" }]);
    });

    it("is the same deletion whether its empty content or the space is sent", async () => {
      const messageId = uuidv7();
      for (const content of ["", " "]) {
        expect((await send({ type: "deletion", about, messageId, content })).status).toBe(202);
      }
      expect(await arrived()).toHaveLength(1);
    });
  });
}
