import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Api, bearer, type Fields, form, json } from "../api.ts";
import { claimOf, logIn, newPerson, newUser, PASSWORD, type Person } from "../logins.ts";
import { expectProblem, fieldsIn } from "../problems.ts";

const ID = /^[\w-]{22}$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** Somebody's login on a device of its own. */
interface OnDevice extends Person {
  readonly deviceId: string;
}

/** A random `loginId`, as a client makes it. */
const newLoginId = (): string => randomBytes(16).toString("base64url");

/** What holds of the devices of a user. */
export function devicesContract(theApi: () => Api): void {
  let api: Api;
  let ann: Person;
  const own = ({ token }: Person, method: string, path: string) => api(bearer(token, { method, path }));
  const tryOn = (username: string, fields: Fields) => api(json("/login", { username, password: PASSWORD, ...fields }));
  const onDevice = async (username: string, fields: Fields): Promise<OnDevice> =>
    toLogin(await tryOn(username, fields));
  const devicesOf = async (person: Person) => {
    const { status, body } = await own(person, "GET", "/devices");
    expect(status).toBe(200);
    return body["devices"] as Record<string, unknown>[];
  };
  const send = async (to: Person, content: string) => {
    const { status } = await api(json("/send", { ...claimOf(ann), sendToId: to.id, content }));
    expect(status).toBe(202);
  };
  const received = async (person: Person): Promise<unknown[]> => {
    const { status, body } = await api(json("/sync", claimOf(person)));
    expect(status).toBe(200);
    return (body["messages"] as Fields[]).map(({ content }) => content);
  };
  const expectEnded = async (person: Person) =>
    expectProblem(await api(json("/sync", claimOf(person))), 401, "invalid_token");

  beforeAll(async () => {
    api = theApi();
    ann = await newPerson(api);
  });

  describe("POST /login on a device", () => {
    it("answers the device: one of its own with a name, the shared one without", async () => {
      const username = await newUser(api);
      const [laptop, other, phone] = [
        await onDevice(username, { deviceName: "Laptop" }),
        await onDevice(username, {}),
        await onDevice(username, { deviceName: "Phone" }),
      ];
      expect(other.deviceId).toBe("shared");
      expect(laptop.deviceId).toMatch(ID);
      expect(phone.deviceId).toMatch(ID);
      expect(phone.deviceId).not.toBe(laptop.deviceId);
    });

    it("gives all logins that name none the same device", async () => {
      const username = await newUser(api);
      const [one, two] = [await onDevice(username, {}), await onDevice(username, { deviceId: "shared" })];
      expect([one.deviceId, two.deviceId]).toEqual(["shared", "shared"]);
      expect(await devicesOf(one)).toMatchObject([{ deviceId: "shared", shared: true }]);
      expect((await api(json("/sync", claimOf(one)))).status).toBe(200);
    });

    it("goes on with a device by its id, in a form too, and ends the session that was there", async () => {
      const username = await newUser(api);
      const before = await onDevice(username, { deviceName: "Laptop" });
      const again = toLogin(await api(form("/login", { username, password: PASSWORD, deviceId: before.deviceId })));
      expect(again.deviceId).toBe(before.deviceId);
      await expectEnded(before);
      expect(await received(again)).toEqual([]);
    });

    it("gives a repeat with the same loginId the device of the first try", async () => {
      const username = await newUser(api);
      const wanted = { deviceName: "Laptop", loginId: newLoginId() };
      const [first, repeat] = [await onDevice(username, wanted), await onDevice(username, wanted)];
      expect(repeat.deviceId).toBe(first.deviceId);
      await expectEnded(first);
      expect(await devicesOf(repeat)).toHaveLength(1);
    });

    it("answers 401 to the id of a device that no longer exists, and a new device if it has a name", async () => {
      const username = await newUser(api);
      const gone = await onDevice(username, { deviceName: "Laptop" });
      await api(json("/logout", claimOf(gone)));
      expectProblem(await tryOn(username, { deviceId: gone.deviceId }), 401, "device_expired");
      const other = await onDevice(username, { deviceId: gone.deviceId, deviceName: "Laptop" });
      expect(other.deviceId).not.toBe(gone.deviceId);
    });

    it("tells nothing of devices to a wrong password", async () => {
      const username = await newUser(api);
      const { deviceId } = await onDevice(username, { deviceName: "Laptop" });
      for (const wanted of [{ deviceId }, { deviceId: "A".repeat(22) }, { deviceName: "x" }]) {
        const answer = await tryOn(username, { ...wanted, password: "not the password" });
        expectProblem(answer, 401, "invalid_credentials");
      }
    });

    it("does not count a device that no longer exists as a failure", async () => {
      const username = await newUser(api);
      for (let time = 0; time < 11; time++) {
        expectProblem(await tryOn(username, { deviceId: "A".repeat(22) }), 401, "device_expired");
      }
      expect((await tryOn(username, {})).status).toBe(200);
    });

    it("answers 409 at 10 devices and lists them, and takes the place of the one that it names", async () => {
      const username = await newUser(api);
      const logins: OnDevice[] = [];
      for (let made = 0; made < 10; made++) logins.push(await onDevice(username, { deviceName: `Device ${made}` }));
      const full = await tryOn(username, { deviceName: "One more" });
      expectProblem(full, 409, "too_many_devices", ["devices"]);
      const listed = full.body["devices"] as Fields[];
      expect(listed.map(({ deviceId }) => deviceId)).toEqual(logins.map(({ deviceId }) => deviceId));
      expect(listed.map(({ name }) => name)).toEqual(logins.map((_, made) => `Device ${made}`));
      const theirs = await onDevice(await newUser(api), { deviceName: "Theirs" });
      for (const replaceDeviceId of [theirs.deviceId, "A".repeat(22)]) {
        const { body } = await tryOn(username, { deviceName: "One more", replaceDeviceId });
        expect({ ...body, requestId: "" }).toEqual({ ...full.body, requestId: "" });
      }
      expect(await received(theirs)).toEqual([]);
      const [first, , third] = logins as [OnDevice, OnDevice, OnDevice];
      const replaceDeviceId = third.deviceId;
      const wanted = { deviceName: "One more", loginId: newLoginId(), replaceDeviceId };
      const more = await onDevice(username, wanted);
      await expectEnded(third);
      const repeat = await onDevice(username, wanted);
      expect(repeat.deviceId).toBe(more.deviceId);
      const left = (await devicesOf(first)).map(({ deviceId }) => deviceId);
      expect(left).toHaveLength(10);
      expect(left).not.toContain(replaceDeviceId);
      expect(left).toContain(more.deviceId);
    });

    it.each([
      ["deviceId", "a b"],
      ["deviceId", ""],
      ["deviceId", "x".repeat(65)],
      ["deviceName", " "],
      ["deviceName", ""],
      ["deviceName", "\u200b"],
      ["deviceName", "a\nb"],
      ["deviceName", "x".repeat(65)],
      ["loginId", "short"],
      ["loginId", "x".repeat(65)],
      ["loginId", "a b".repeat(6)],
      ["replaceDeviceId", "#"],
    ])("answers 400 to the %s %j", async (name, value) => {
      const answer = await tryOn(ann.username, { [name]: value });
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual([name]);
    });
  });

  describe("messages to several devices", () => {
    it("wait for the next login by a name once the last device of its own has logged out", async () => {
      const username = await newUser(api);
      const before = await onDevice(username, { deviceName: "Laptop" });
      await api(json("/logout", claimOf(before)));
      await send(before, "while nobody was there");
      const after = await onDevice(username, { deviceName: "Phone" });
      expect(after.deviceId).not.toBe(before.deviceId);
      expect(await received(after)).toEqual(["while nobody was there"]);
    });

    it("go on where they were after a login by the id", async () => {
      const username = await newUser(api);
      const before = await onDevice(username, { deviceName: "Laptop" });
      await send(before, "one");
      const after = await onDevice(username, { deviceId: before.deviceId });
      expect(await received(after)).toEqual(["one"]);
    });
  });

  describe("GET /devices", () => {
    it("lists the devices, the oldest first, with what tells them apart and which one asks", async () => {
      const username = await newUser(api);
      const call = json("/login", { username, password: PASSWORD, deviceName: "Firefox on Linux 🦊" });
      await api({ ...call, headers: { ...call.headers, "user-agent": "Mozilla/5.0" } });
      const phone = await onDevice(username, { deviceName: "Phone" });
      await logIn(api, username);
      const [one, two, three, ...others] = await devicesOf(phone);
      expect(others).toEqual([]);
      const lastSeen = expect.stringMatching(DATE);
      const deviceId = expect.stringMatching(ID);
      const name = "Firefox on Linux 🦊";
      expect(one).toEqual({ deviceId, name, userAgent: "Mozilla/5.0", lastSeen, current: false, shared: false });
      expect(two).toMatchObject({ deviceId: phone.deviceId, name: "Phone", current: true, shared: false });
      expect(three).toMatchObject({ deviceId: "shared", name: "", current: false, shared: true });
    });
  });

  describe("DELETE /devices/{deviceId}", () => {
    it("answers 204, and the device's session can neither sync nor list anything any more", async () => {
      const username = await newUser(api);
      const [laptop, phone] = [
        await onDevice(username, { deviceName: "Laptop" }),
        await onDevice(username, { deviceName: "Phone" }),
      ];
      const answer = await own(phone, "DELETE", `/devices/${laptop.deviceId}`);
      expect([answer.status, answer.text]).toEqual([204, ""]);
      await expectEnded(laptop);
      for (const path of ["/devices", "/sessions", "/blocks"])
        expectProblem(await own(laptop, "GET", path), 401, "invalid_token");
      expect(await devicesOf(phone)).toMatchObject([{ deviceId: phone.deviceId }]);
      expectProblem(await tryOn(username, { deviceId: laptop.deviceId }), 401, "device_expired");
    });

    it("removes the device that asks, and the shared one with all of its sessions", async () => {
      const username = await newUser(api);
      const [one, two] = [await logIn(api, username), await logIn(api, username)];
      const laptop = await onDevice(username, { deviceName: "Laptop" });
      expect((await own(laptop, "DELETE", "/devices/shared")).status).toBe(204);
      await expectEnded(one);
      await expectEnded(two);
      expect((await own(laptop, "DELETE", `/devices/${laptop.deviceId}`)).status).toBe(204);
      await expectEnded(laptop);
      expect((await logIn(api, username)).id).toBe(laptop.id);
    });

    it("answers 404 without a difference to another's device, to one that never was, and to one that was removed", async () => {
      const [username, stranger] = [await newUser(api), await newUser(api)];
      const theirs = await onDevice(stranger, { deviceName: "Theirs" });
      const [laptop, removed] = [
        await onDevice(username, { deviceName: "Laptop" }),
        await onDevice(username, { deviceName: "Phone" }),
      ];
      await own(laptop, "DELETE", `/devices/${removed.deviceId}`);
      const bodies = new Set<string>();
      for (const deviceId of [theirs.deviceId, "A".repeat(22), removed.deviceId, "shared"]) {
        const answer = await own(laptop, "DELETE", `/devices/${deviceId}`);
        expectProblem(answer, 404, "unknown_device");
        bodies.add(JSON.stringify({ ...answer.body, requestId: "" }));
      }
      expect([...bodies]).toHaveLength(1);
      expect(await received(theirs)).toEqual([]);
      expect(await devicesOf(theirs)).toHaveLength(1);
    });

    it("answers a login that names another's device as one that names none that ever was", async () => {
      const [username, stranger] = [await newUser(api), await newUser(api)];
      const theirs = await onDevice(stranger, { deviceName: "Theirs" });
      const answers = await Promise.all(
        [theirs.deviceId, "A".repeat(22)].map((deviceId) => tryOn(username, { deviceId })),
      );
      for (const answer of answers) expectProblem(answer, 401, "device_expired");
      const [one, other] = answers.map(({ body }) => JSON.stringify({ ...body, requestId: "" }));
      expect(one).toBe(other);
      expect(await devicesOf(theirs)).toHaveLength(1);
    });

    it.each(["a%20b", "%23".repeat(22), "x".repeat(65)])("answers 400 to the id %s", async (id) => {
      const answer = await own(ann, "DELETE", `/devices/${id}`);
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual(["deviceId"]);
    });
  });

  describe("POST /devices", () => {
    const make = (person: Person, fields: Fields = {}) =>
      api(json("/devices", { ...claimOf(person), deviceName: "Laptop", loginId: newLoginId(), ...fields }));

    it("gives a session that is alone on the shared device that device's messages, and the old token is dead", async () => {
      const person = await newPerson(api);
      await send(person, "before");
      const answer = await make(person);
      const moved = toLogin(answer);
      expect(answer.body).toMatchObject({ id: person.id, username: person.username });
      expect(moved.deviceId).toMatch(ID);
      await expectEnded(person);
      await send(person, "after");
      expect(await received(moved)).toEqual(["before", "after"]);
      expect(await devicesOf(moved)).toMatchObject([{ deviceId: moved.deviceId, name: "Laptop", current: true }]);
      const { body } = await own(moved, "GET", "/sessions");
      expect(body["sessions"]).toMatchObject([{ deviceId: moved.deviceId, current: true }]);
    });

    it("is answered alike again by the old token and by the new one", async () => {
      const person = await newPerson(api);
      const loginId = newLoginId();
      const first = toLogin(await make(person, { loginId }));
      const second = toLogin(await make(person, { loginId }));
      const third = toLogin(await make(first, { loginId }));
      expect([second.deviceId, third.deviceId]).toEqual([first.deviceId, first.deviceId]);
      for (const one of [first, second, third]) expect(await received(one)).toEqual([]);
      expect(await devicesOf(third)).toHaveLength(1);
      expectProblem(await make(person), 401, "invalid_token");
      expectProblem(await make(third), 400, "invalid_request");
    });

    it("gives a session that shares the device with others a new one, with what waits, and the others go on", async () => {
      const person = await newPerson(api);
      const other = await logIn(api, person.username);
      await send(person, "before");
      const moved = toLogin(await make(person));
      expect(await received(moved)).toEqual(["before"]);
      expect(await received(other)).toEqual(["before"]);
      expect(await devicesOf(moved)).toMatchObject([{ shared: true }, { deviceId: moved.deviceId }]);
    });

    it.each([
      ["deviceName", undefined],
      ["deviceName", ""],
      ["loginId", undefined],
      ["loginId", "short"],
    ])("answers 400 without a right %s: %j", async (name, value) => {
      const answer = await make(ann, { [name]: value });
      expectProblem(answer, 400, "invalid_request");
      expect(fieldsIn(answer)).toEqual([name]);
    });
  });

  describe("the end of a session on a device of its own", () => {
    it("by another session is a logout over there: the device is gone", async () => {
      const username = await newUser(api);
      const [laptop, phone] = [
        await onDevice(username, { deviceName: "Laptop" }),
        await onDevice(username, { deviceName: "Phone" }),
      ];
      const { body } = await own(phone, "GET", "/sessions");
      const theirs = (body["sessions"] as Fields[]).find(({ deviceId }) => deviceId === laptop.deviceId);
      expect((await own(phone, "DELETE", `/sessions/${theirs?.["sessionId"]}`)).status).toBe(204);
      await expectEnded(laptop);
      expect(await devicesOf(phone)).toMatchObject([{ deviceId: phone.deviceId }]);
      expectProblem(await tryOn(username, { deviceId: laptop.deviceId }), 401, "device_expired");
    });

    it("by a change of the password leaves the device", async () => {
      const username = await newUser(api);
      const [laptop, phone] = [
        await onDevice(username, { deviceName: "Laptop" }),
        await onDevice(username, { deviceName: "Phone" }),
      ];
      const newPassword = "another battery staple";
      const change = json("/password", { ...claimOf(phone), password: PASSWORD, newPassword });
      expect((await api(change)).status).toBe(204);
      await expectEnded(laptop);
      await send(laptop, "meanwhile");
      const again = await onDevice(username, { password: newPassword, deviceId: laptop.deviceId });
      expect(await received(again)).toEqual(["meanwhile"]);
    });
  });
}

function toLogin({ status, body, text }: Answer): OnDevice {
  if (status !== 200) throw new Error(`not logged in: ${text}`);
  const [id, username, token] = [String(body["id"]), String(body["username"]), String(body["token"])];
  return {
    id,
    username,
    password: PASSWORD,
    token,
    receipt: String(body["receipt"]),
    deviceId: String(body["deviceId"]),
  };
}
