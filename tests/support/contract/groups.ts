import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, type Api, bearer, type Fields, form, json } from "../api.ts";
import { claimOf, newPerson, type Person } from "../logins.ts";
import { expectProblem, fieldsIn } from "../problems.ts";

const ID = /^g-[\w-]{22}$/;
const CODE = /^g-[\w-]{22}\.[\w-]{22}$/;

/** What holds of groups. */
export const groupsContract = (theApi: () => Api): unknown =>
  describe("groups", () => {
    let api: Api;
    let ann: Person;
    let bob: Person;
    let carol: Person;
    let eve: Person;
    let groupId: string;

    const ask = (who: Person, method: string, path: string, fields?: Fields): Promise<Answer> => {
      const call = fields === undefined ? { method, path } : { ...json(path, fields), method };
      return api(bearer(who.token, call));
    };
    const make = (who: Person, fields: Fields) => ask(who, "POST", "/groups", fields);
    const path = (rest = "") => `/groups/${groupId}${rest}`;
    const memberPath = ({ id }: Person) => path(`/members/${id}`);
    const membersOf = ({ body }: Answer) => (body["members"] as Fields[]).map(({ username }) => username).toSorted();
    const names = (...users: Person[]) => users.map(({ username }) => username).toSorted();
    const received = async (who: Person): Promise<Fields[]> => {
      const { status, body } = await api(json("/sync", claimOf(who)));
      expect(status).toBe(200);
      return body["messages"] as Fields[];
    };
    const show = async (who: Person): Promise<Answer> => ask(who, "GET", path());
    const succeed = async (answer: Promise<Answer>): Promise<Answer> => {
      const got = await answer;
      expect([200, 201, 204], got.text).toContain(got.status);
      return got;
    };

    beforeAll(async () => {
      api = theApi();
      [ann, bob, carol, eve] = (await Promise.all([1, 2, 3, 4].map(() => newPerson(api)))) as [
        Person,
        Person,
        Person,
        Person,
      ];
    });
    beforeEach(async () => {
      const { body } = await succeed(make(ann, { name: "Climbing", members: [bob.id] }));
      groupId = String(body["groupId"]);
    });

    describe("POST /groups", () => {
      it("answers 201 and the group, whose maker is admin, and the others are told", async () => {
        await received(bob);
        const answer = await make(ann, {
          name: "Climbing 🧗",
          members: [bob.id.toUpperCase(), carol.id, bob.id, ann.id],
        });
        expect(answer.status).toBe(201);
        const id = answer.body["groupId"];
        expect(id).toMatch(ID);
        expect(answer.body).toEqual({
          groupId: id,
          name: "Climbing 🧗",
          version: 1,
          members: [ann, bob, carol]
            .map((one) => ({
              id: one.id,
              username: one.username,
              admin: one === ann,
              ...(one === ann && { joined: true }),
            }))
            .toSorted((one, other) => (one.username < other.username ? -1 : 1)),
        });
        const [message, ...others] = await received(bob);
        expect(others).toEqual([]);
        expect(message).toMatchObject({ senderId: ann.id, toId: id, toName: "Climbing 🧗", type: "group" });
        expect(JSON.parse(String(message?.["content"]))).toEqual({ version: 1, event: "created", name: "Climbing 🧗" });
      });

      it("takes a form, which has the members as one text", async () => {
        const call = form("/groups", { token: ann.token, name: "Form", members: `${bob.id},${carol.id}` });
        expect(membersOf(await succeed(api(call)))).toEqual(names(ann, bob, carol));
      });

      it("finds the group of the first try by its groupKey", async () => {
        const fields = { name: "Once", members: [bob.id], groupKey: randomBytes(16).toString("base64url") };
        const first = await succeed(make(ann, fields));
        expect(await succeed(make(ann, fields))).toMatchObject({ status: 201, body: first.body });
        const theirs = await succeed(make(bob, { ...fields, members: [ann.id] }));
        expect(theirs.body["groupId"]).not.toBe(first.body["groupId"]);
      });

      it("answers 403 for one who has blocked the maker, and names them", async () => {
        await succeed(ask(carol, "PUT", `/blocks/${ann.id}`));
        const answer = await make(ann, { name: "Blocked", members: [bob.id, carol.id] });
        expectProblem(answer, 403, "blocked");
        expect(answer.body["detail"]).toContain(carol.username);
        expect(answer.body["detail"]).not.toContain(bob.username);
        expect((await make(bob, { name: "Fine", members: [carol.id] })).status).toBe(201);
        await succeed(ask(carol, "DELETE", `/blocks/${ann.id}`));
      });

      it("answers 404 for a member who does not exist", async () => {
        const id = randomUUID();
        const answer = await make(ann, { name: "Nobody", members: [bob.id, id] });
        expectProblem(answer, 404, "unknown_user");
        expect(answer.body["detail"]).toContain(id);
      });

      it.each([
        ["name", ""],
        ["name", "\u200b"],
        ["name", "a\nb"],
        ["name", "a\u2028b"],
        ["name", "a\u2029"],
        ["name", "a\u202eb"],
        ["name", "\u2067a"],
        ["name", " \u200b\u00a0\u2800"],
        ["name", "x".repeat(65)],
        ["name", "\ud83d"],
        ["name", 7],
        ["members", []],
        ["members", ""],
        ["members", "bob"],
        ["members", Array(100).fill(randomUUID())],
        ["members", [7]],
        ["members", null],
        ["groupKey", "short"],
        ["groupKey", "x".repeat(65)],
      ])("answers 400 to the %s %j", async (name, value) => {
        const answer = await make(ann, { name: "A name", members: [bob.id], [name]: value });
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer).map((field) => field.split(".")[0])).toEqual([name]);
      });

      it("answers 400 to a group of oneself alone", async () => {
        const answer = await make(ann, { name: "Alone", members: [ann.id] });
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["members"]);
      });

      it.each(["x".repeat(64), "🧗".repeat(64), " a ", "שלום\u200f!", "👩\u200d🚀"])(
        "takes the name %j",
        async (name) => {
          expect((await succeed(make(ann, { name, members: [bob.id] }))).body["name"]).toBe(name);
        },
      );
    });

    describe("GET /groups", () => {
      it("lists one's own by their names, with their sizes and whether one is admin", async () => {
        const person = await newPerson(api);
        await succeed(make(person, { name: "B", members: [bob.id, carol.id] }));
        await succeed(make(ann, { name: "A", members: [person.id] }));
        const { status, body } = await ask(person, "GET", "/groups");
        expect(status).toBe(200);
        const row = { groupId: expect.stringMatching(ID), version: 1 };
        expect(body).toEqual({
          groups: [
            { ...row, name: "A", memberCount: 2, admin: false },
            { ...row, name: "B", memberCount: 3, admin: true },
          ],
        });
      });

      it("lists nothing to one who is in none", async () => {
        expect((await ask(await newPerson(api), "GET", "/groups")).body).toEqual({ groups: [] });
      });
    });

    describe("what only admins may", () => {
      const acts: readonly [string, (who: Person) => Promise<Answer>][] = [
        ["PATCH the name", (who) => ask(who, "PATCH", path(), { name: "Other" })],
        ["PUT a member", (who) => ask(who, "PUT", memberPath(carol))],
        ["PUT an admin", (who) => ask(who, "PUT", memberPath(bob), { admin: true })],
        ["DELETE a member", (who) => ask(who, "DELETE", memberPath(ann))],
        ["POST an invite", (who) => ask(who, "POST", path("/invite"), {})],
      ];

      it.each(acts)("%s: 403 to a member, and 404 to others", async (_, act) => {
        expectProblem(await act(bob), 403, "not_an_admin");
        expectProblem(await act(eve), 404, "unknown_group");
        expect(membersOf(await show(ann))).toEqual(names(ann, bob));
      });

      it("tells nobody but an admin whether a user exists", async () => {
        const unknown = { ...carol, id: randomUUID() };
        expectProblem(await ask(bob, "PUT", memberPath(unknown)), 403, "not_an_admin");
        expectProblem(await ask(eve, "PUT", memberPath(unknown)), 404, "unknown_group");
        expectProblem(await ask(ann, "PUT", memberPath(unknown)), 404, "unknown_user");
      });
    });

    describe("a group that is not one's own", () => {
      it("is 404 by one and the same body to a stranger, to who was removed, to who left, and where there is none", async () => {
        // A stranger who is admin of another group.
        await succeed(make(eve, { name: "Another", members: [carol.id] }));
        await succeed(ask(ann, "PUT", memberPath(carol)));
        await succeed(ask(ann, "DELETE", memberPath(bob)));
        await succeed(ask(carol, "DELETE", memberPath(carol)));
        const other = `/groups/g-${"A".repeat(22)}`;
        const bodies = new Set<string>();
        const asks: readonly [Person, string][] = [
          [bob, path()],
          [carol, path()],
          [eve, path()],
          [eve, other],
          [ann, other],
        ];
        for (const [who, where] of asks) {
          const calls: readonly [string, string, Fields?][] = [
            ["GET", where],
            ["PATCH", where, { name: "Mine" }],
            ["PUT", `${where}/members/${who.id}`, { admin: true }],
            ["PUT", `${where}/members/${eve.id}`],
            ["DELETE", `${where}/members/${ann.id}`],
            ["DELETE", `${where}/members/${who.id}`],
            ["POST", `${where}/invite`, {}],
          ];
          for (const [method, at, fields] of calls) {
            const answer = await ask(who, method, at, fields);
            expectProblem(answer, 404, "unknown_group");
            bodies.add(JSON.stringify({ ...answer.body, requestId: "" }));
          }
          const sent = await api(
            json("/send", { ...claimOf(who), sendToId: where.slice("/groups/".length), content: "x" }),
          );
          expectProblem(sent, 404, "unknown_group");
          bodies.add(JSON.stringify({ ...sent.body, requestId: "" }));
        }
        expect([...bodies]).toHaveLength(1);
        expect(membersOf(await show(ann))).toEqual(names(ann));
        expect((await show(ann)).body["name"]).toBe("Climbing");
      });

      it.each(["g-", "x", "g-short", "a".repeat(300)])("is 400 where the id is %j", async (id) => {
        const answer = await ask(ann, "GET", `/groups/${id}`);
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["groupId"]);
      });
    });

    describe("PATCH /groups/{groupId}", () => {
      it("gives it another name, which everybody is told", async () => {
        await received(bob);
        const { body } = await succeed(ask(ann, "PATCH", path(), { name: "Chess" }));
        expect(body).toMatchObject({ groupId, name: "Chess", version: 2 });
        expect((await show(bob)).body).toEqual(body);
        expect(await received(bob)).toMatchObject([{ type: "group", toId: groupId, toName: "Chess" }]);
      });

      it("takes a form", async () => {
        const call = { ...form(path(), { name: "Form" }), method: "PATCH" };
        expect((await succeed(api(bearer(ann.token, call)))).body["name"]).toBe("Form");
      });

      it("changes nothing where the name is the same", async () => {
        expect((await succeed(ask(ann, "PATCH", path(), { name: "Climbing" }))).body["version"]).toBe(1);
      });
    });

    describe("PUT /groups/{groupId}/members/{userId}", () => {
      it("adds a member, who gets messages from then on and none from before", async () => {
        await received(carol);
        await succeed(make(ann, { name: "Other", members: [bob.id] }));
        await api(json("/send", { ...claimOf(ann), sendToId: groupId, content: "before" }));
        const { body } = await succeed(ask(ann, "PUT", memberPath(carol)));
        expect(membersOf({ body } as Answer)).toEqual(names(ann, bob, carol));
        await api(json("/send", { ...claimOf(ann), sendToId: groupId, content: "after" }));
        const [event, message, ...others] = await received(carol);
        expect(others).toEqual([]);
        expect(JSON.parse(String(event?.["content"]))).toEqual({
          version: 2,
          event: "added",
          member: { id: carol.id, username: carol.username },
        });
        expect(message).toMatchObject({ content: "after", toId: groupId });
      });

      it("changes nothing of a member who is there", async () => {
        expect((await succeed(ask(ann, "PUT", memberPath(bob)))).body["version"]).toBe(1);
      });

      it.each([true, "true"])("makes a member admin by %j, who may then take it from the first one", async (admin) => {
        await succeed(ask(ann, "PUT", memberPath(bob), { admin }));
        const { body } = await succeed(ask(bob, "PUT", memberPath(ann), { admin: false }));
        const admins = (body["members"] as Fields[]).filter((one) => one["admin"]).map(({ id }) => id);
        expect(admins).toEqual([bob.id]);
      });

      it("answers a repeat of an admin who is none any more as the first time", async () => {
        await succeed(ask(ann, "PUT", memberPath(bob), { admin: true }));
        const first = await succeed(ask(ann, "PUT", memberPath(ann), { admin: false }));
        const repeat = await succeed(ask(ann, "PUT", memberPath(ann), { admin: false }));
        expect(repeat.body).toEqual(first.body);
        expectProblem(await ask(ann, "PUT", memberPath(ann), { admin: true }), 403, "not_an_admin");
        expectProblem(await ask(eve, "PUT", memberPath(eve), { admin: false }), 404, "unknown_group");
      });

      it("answers 409 to the only admin who wants to be none", async () => {
        expectProblem(await ask(ann, "PUT", memberPath(ann), { admin: false }), 409, "last_admin");
      });

      it("answers 403 for one who has blocked the admin", async () => {
        await succeed(ask(carol, "PUT", `/blocks/${ann.id}`));
        const answer = await ask(ann, "PUT", memberPath(carol));
        expectProblem(answer, 403, "blocked");
        expect(answer.body["detail"]).toContain(carol.username);
        await succeed(ask(carol, "DELETE", `/blocks/${ann.id}`));
      });

      it.each([1, "yes", null, []])("answers 400 to admin: %j", async (admin) => {
        const answer = await ask(ann, "PUT", memberPath(bob), { admin });
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["admin"]);
      });
    });

    describe("DELETE /groups/{groupId}/members/{userId}", () => {
      it("removes a member, who is told of it and of nothing after", async () => {
        await received(bob);
        const answer = await succeed(ask(ann, "DELETE", memberPath(bob)));
        expect([answer.status, answer.text]).toEqual([204, ""]);
        await api(json("/send", { ...claimOf(ann), sendToId: groupId, content: "after" }));
        await succeed(ask(ann, "PATCH", path(), { name: "After" }));
        const [event, ...others] = await received(bob);
        expect(others).toEqual([]);
        expect(JSON.parse(String(event?.["content"]))).toEqual({
          version: 2,
          event: "removed",
          member: { id: bob.id, username: bob.username },
        });
        expect((await ask(bob, "GET", "/groups")).body["groups"]).not.toContainEqual(
          expect.objectContaining({ groupId }),
        );
      });

      it("has nothing to do for one who is not in the group, or no user at all", async () => {
        for (const one of [carol, { ...carol, id: randomUUID() }]) {
          expect((await ask(ann, "DELETE", memberPath(one))).status).toBe(204);
        }
        expect((await show(ann)).body["version"]).toBe(1);
      });

      it("lets anyone leave; the last admin leaves the group to the longest member", async () => {
        await succeed(ask(ann, "DELETE", memberPath(ann)));
        expectProblem(await show(ann), 404, "unknown_group");
        const { members } = (await show(bob)).body;
        expect(members).toEqual([{ id: bob.id, username: bob.username, admin: true }]);
        await succeed(ask(bob, "DELETE", memberPath(bob)));
        expectProblem(await show(bob), 404, "unknown_group");
      });
    });

    describe("invite codes", () => {
      const invite = async (who = ann): Promise<string> =>
        String((await succeed(ask(who, "POST", path("/invite"), {}))).body["code"]);
      const join = (who: Person, code: string) => ask(who, "POST", "/groups/join", { code });

      it("let in whoever has them, as often as they like", async () => {
        const code = await invite();
        expect(code).toMatch(CODE);
        await received(bob);
        for (let time = 0; time < 2; time++) {
          const answer = await succeed(join(carol, code));
          expect(answer.status).toBe(200);
          expect(membersOf(answer)).toEqual(names(ann, bob, carol));
        }
        expect(await received(bob)).toMatchObject([{ senderId: carol.id, type: "group", toId: groupId }]);
        expect((await ask(carol, "GET", "/groups")).body["groups"]).toContainEqual(
          expect.objectContaining({ groupId }),
        );
        expectProblem(await ask(carol, "PATCH", path(), { name: "Mine" }), 403, "not_an_admin");
      });

      it("are no matter to a member, whose first try may have got no answer", async () => {
        const code = await invite();
        await succeed(join(carol, code));
        await succeed(ask(ann, "DELETE", memberPath(bob)));
        expect(membersOf(await succeed(join(carol, code)))).toEqual(names(ann, carol));
        expectProblem(await join(bob, code), 403, "invalid_invite");
      });

      it("end with the next one, and with a removal", async () => {
        const first = await invite();
        const second = await invite();
        expectProblem(await join(carol, first), 403, "invalid_invite");
        await succeed(ask(ann, "DELETE", memberPath(bob)));
        expectProblem(await join(bob, second), 403, "invalid_invite");
        await succeed(join(bob, await invite()));
      });

      it("are 403 by one and the same body, whatever is wrong with them", async () => {
        const old = await invite();
        const code = await invite();
        const other = await succeed(make(ann, { name: "Another", members: [eve.id] }));
        const otherId = String(other.body["groupId"]);
        const { body } = await succeed(ask(ann, "POST", `/groups/${otherId}/invite`, {}));
        const bodies = new Set<string>();
        for (const wrong of [
          old,
          `${code}x`,
          code.slice(0, -1),
          `${code.split(".")[0]}.`,
          `g-${"A".repeat(22)}.x`,
          "x",
          `${otherId}.${code.split(".")[1]}`,
          `${groupId}.${String(body["code"]).split(".")[1]}`,
        ]) {
          const answer = await join(carol, wrong);
          expectProblem(answer, 403, "invalid_invite");
          bodies.add(JSON.stringify({ ...answer.body, requestId: "" }));
        }
        expect([...bodies]).toHaveLength(1);
      });

      it.each(["", " ", "x".repeat(65), 7, null])("are 400 as %j", async (code) => {
        const answer = await ask(carol, "POST", "/groups/join", { code });
        expectProblem(answer, 400, "invalid_request");
        expect(fieldsIn(answer)).toEqual(["code"]);
      });
    });
  });
