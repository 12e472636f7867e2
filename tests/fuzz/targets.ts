import fc from "fast-check";
import { bearer, json } from "../support/api.ts";
import { claimOf, logIn, newPerson } from "../support/logins.ts";
import { type Input, inputOf } from "./events.ts";
import { fileTargets } from "./file-targets.ts";
import { groupTargets } from "./group-targets.ts";
import { CLAIMED, fieldIn, INVALID, nothing, post, RIGHT_PARAMETER, type Target } from "./target.ts";
import { fieldsOf, text } from "./values.ts";
import { drain, rightsOf, type World } from "./world.ts";

/** For `oneIn`, where an answer costs several hashes of passwords. */
const COSTLY = 20;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** What a login may say of its device. */
const DEVICE_FIELDS = ["deviceId", "deviceName", "loginId", "replaceDeviceId"];

const send: Target = {
  name: "send",
  ...post("/send"),
  inputs: inputOf(
    fieldsOf(["token", "id", "sendToId", "content"], ["username", "messageId", "type", "about", "quiet", "copies"]),
    nothing,
  ),
  rights: (world) => rightsOf(world, () => world.ann),
  answers: {
    ...CLAIMED,
    400: [...INVALID[400], "message_id_time"],
    202: [],
    404: ["unknown_receiver", "unknown_group"],
    409: ["message_id_reused"],
  },
  async accepted(world, event, { body }) {
    const messages = await drain(world.api, world.ann);
    const [content, type, about, quiet] = ["content", "type", "about", "quiet"].map((name) => fieldIn(event, name));
    const expected = {
      messageId: body["messageId"],
      senderId: world.ann.id,
      content: content === "" ? " " : content,
      type,
      about: typeof about === "string" ? about.toLowerCase() : about,
      quiet: quiet === true || quiet === "true" ? true : undefined,
    };
    if (type === "group") throw new Error("somebody has sent what comes from the server alone");
    const [message] = messages;
    if (messages.length !== 1) throw new Error(`${messages.length} messages arrived`);
    for (const [name, value] of Object.entries(expected)) {
      if (message?.[name] !== value) throw new Error(`${name} arrived as ${JSON.stringify(message?.[name])}`);
    }
    const time = Number.parseInt(String(body["messageId"]).replace("-", "").slice(0, 12), 16);
    const age = Date.now() - time;
    if (age > 31 * DAY + MINUTE || age < -10 * MINUTE) throw new Error(`an id of another time was taken: ${time}`);
  },
  async unsure(world, api) {
    world.ann = await newPerson(api);
  },
};

const sync: Target = {
  name: "sync",
  ...post("/sync"),
  inputs: inputOf(fieldsOf(["token", "id"], ["ack", "limit", "username"]), nothing),
  rights: (world) => rightsOf(world, () => world.bob),
  answers: { ...CLAIMED, 200: [] },
  async accepted(_, __, { body }) {
    if (JSON.stringify(body["messages"]) !== "[]") throw new Error("messages that nobody sent");
    if (!/^[\w-]{1,64}$/.test(String(body["receipt"]))) throw new Error("no receipt");
  },
};

const register: Target = {
  name: "register",
  ...post("/register"),
  inputs: inputOf(fieldsOf(["username", "password"], ["inviteCode"]), nothing),
  rights: (world) => rightsOf(world, () => world.shutOut),
  answers: { ...INVALID, 201: [], 409: ["username_taken"] },
  async accepted({ api }, event) {
    const credentials = { username: fieldIn(event, "username"), password: fieldIn(event, "password") };
    const { status, text: answer } = await api(json("/login", credentials));
    if (status !== 200) throw new Error(`registered, and not let in: ${answer}`);
  },
};

const login: Target = {
  name: "login",
  ...post("/login"),
  inputs: inputOf(fieldsOf(["username", "password"], DEVICE_FIELDS), nothing),
  rights: (world) => rightsOf(world, () => world.shutOut),
  // Those who were registered by the fuzzer have the right password.
  answers: {
    ...INVALID,
    200: [],
    401: ["invalid_credentials", "device_expired"],
    409: ["too_many_devices"],
    429: ["too_many_attempts"],
  },
};

/** The same of somebody who is let in. */
const admitted: Target = {
  ...login,
  name: "admitted",
  oneIn: COSTLY,
  rights: (world) => rightsOf(world, () => world.bob),
  async accepted({ api }, { headers }, { body: { token, id } }) {
    const { body } = await api(bearer(String(token), { method: "GET", path: "/sessions" }));
    const { userAgent } =
      (body["sessions"] as { current: boolean; userAgent: string }[]).find((one) => one.current) ?? {};
    const { "user-agent": given = "" } = headers ?? {};
    const isKept = !/^[\x21-\x7e]{1,160}$/.test(given) || userAgent === given;
    if (!isKept || !/^[\x20-\x7e]{0,160}$/.test(userAgent ?? "\0"))
      throw new Error(`the client is called ${userAgent}`);
    const { status } = await api(json("/logout", { token, id }));
    if (status !== 204) throw new Error("let in, and not out");
  },
};

const logout: Target = {
  name: "logout",
  ...post("/logout"),
  // Mostly without the id, which would end the session and cost a login. With it in a fifth, 60 inputs see both answers.
  inputs: inputOf(
    fc.oneof(
      { weight: 4, arbitrary: fieldsOf(["token"], []) },
      { weight: 1, arbitrary: fieldsOf(["token", "id"], ["username"]) },
    ),
    nothing,
  ),
  rights: (world) => rightsOf(world, () => world.carol),
  answers: { ...CLAIMED, 204: [] },
  async accepted(world) {
    world.carol = await logIn(world.api, world.carol.username);
  },
  async unsure(world, api) {
    world.carol = await newPerson(api);
  },
};

const find: Target = {
  name: "find",
  method: "GET",
  path: ({ parameter = "" }) => `/users/${encodeURIComponent(parameter.toWellFormed())}`,
  inputs: inputOf(
    fieldsOf(["token"], ["username"]),
    fc.oneof(text, fc.constantFrom("bob", "UPPER", "a.b-c_d", "__proto__", "constructor")),
  ),
  rights: (world) => rightsOf(world, () => world.ann),
  answers: { ...CLAIMED, 200: [], 404: ["unknown_user", "not_found"] },
};

const fallback: Target = {
  name: "fallback",
  method: "PUT",
  path: ({ parameter = "" }) => `/${encodeURI(parameter.toWellFormed())}`,
  inputs: inputOf(
    fieldsOf(["token"], []),
    fc.oneof(text, fc.constantFrom("send", "users/x", "users/x/y", "users/", "send/")),
  ),
  rights: (world) => rightsOf(world, () => world.ann),
  answers: { 404: ["not_found"], 405: ["method_not_allowed"] },
};

const password: Target = {
  name: "password",
  ...post("/password"),
  inputs: inputOf(fieldsOf(["token", "id", "password", "newPassword"], ["username"]), nothing),
  rights: (world) => rightsOf(world, () => world.shutOut),
  answers: { ...CLAIMED, 429: ["too_many_attempts"] },
};

const deletion: Target = {
  name: "deletion",
  ...post("/account/delete"),
  inputs: inputOf(fieldsOf(["token", "id", "password"], ["username"]), nothing),
  rights: (world) => rightsOf(world, () => world.shutOut),
  answers: { ...CLAIMED, 429: ["too_many_attempts"] },
};

/** The same of somebody who may. */
const changedPassword: Target = {
  ...password,
  name: "changed",
  oneIn: COSTLY,
  rights: (world) => rightsOf(world, () => world.changing),
  answers: { ...CLAIMED, 204: [], 401: ["invalid_token", "invalid_credentials"] },
  async accepted(world, event) {
    const { api, changing } = world;
    const { status } = await api(json("/sync", claimOf(changing)));
    if (status !== 200) throw new Error("the session that changed the password ended");
    world.changing = await logIn(api, changing.username, String(fieldIn(event, "newPassword")));
  },
  async unsure(world, api) {
    world.changing = await newPerson(api);
  },
};

const deletedAccount: Target = {
  ...deletion,
  name: "deleted",
  oneIn: COSTLY,
  rights: (world) => rightsOf(world, () => world.leaving),
  answers: { ...CLAIMED, 204: [], 401: ["invalid_token", "invalid_credentials"] },
  async accepted(world) {
    const { api, leaving } = world;
    const { status } = await api(json("/sync", claimOf(leaving)));
    if (status !== 401) throw new Error("the session of a deleted account lives");
    world.leaving = await newPerson(api);
  },
  async unsure(world, api) {
    world.leaving = await newPerson(api);
  },
};

const sessions: Target = {
  name: "sessions",
  method: "GET",
  path: () => "/sessions",
  inputs: inputOf(fieldsOf(["token"], []), nothing),
  rights: (world) => rightsOf(world, () => world.bob),
  answers: { ...CLAIMED, 200: [] },
  async accepted(_, __, { body }) {
    const listed = body["sessions"] as { current: boolean }[];
    if (listed.filter(({ current }) => current).length !== 1) throw new Error("not one session is the current one");
  },
};

const pushKey: Target = {
  name: "pushKey",
  method: "GET",
  path: () => "/push",
  inputs: inputOf(fieldsOf(["token"], []), nothing),
  rights: (world) => rightsOf(world, () => world.told),
  answers: { ...CLAIMED, 200: [] },
  async accepted(_, __, { body }) {
    if (!/^B[\w-]{86}$/.test(String(body["publicKey"]))) throw new Error("no key");
  },
};

const subscribe: Target = {
  ...pushKey,
  name: "subscribe",
  method: "PUT",
  inputs: inputOf(fieldsOf(["token", "endpoint", "keys"], ["showText", "muted"]), nothing),
  // A name may be one that nobody can resolve at this time.
  answers: { ...CLAIMED, 204: [], 503: ["unavailable"] },
  async accepted(_, event) {
    const { hostname, protocol, port } = new URL(String(fieldIn(event, "endpoint")));
    const isPrivate = /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\.|^\[(::|f[c-f])/.test(hostname);
    if (protocol !== "https:" || port !== "" || isPrivate) throw new Error(`it would call ${hostname}`);
  },
};

const unsubscribe: Target = {
  ...pushKey,
  name: "unsubscribe",
  method: "DELETE",
  answers: { ...CLAIMED, 204: [] },
  async accepted({ api, told }) {
    const { status } = await api(bearer(told.token, { method: "GET", path: "/push" }));
    if (status !== 200) throw new Error("the session ended with its subscription");
  },
};

/** Ids of users and of sessions, and what is nearly one. */
const ids = fc.oneof(
  { weight: 6, arbitrary: fc.constant(RIGHT_PARAMETER) },
  { weight: 2, arbitrary: fc.uuid() },
  { weight: 2, arbitrary: fc.stringMatching(/^[\w-]{22}$/) },
  { weight: 2, arbitrary: text },
);

const endSession: Target = {
  name: "end",
  method: "DELETE",
  path: ({ parameter = "" }) => `/sessions/${encodeURIComponent(parameter.toWellFormed())}`,
  rightParameter: () => "A".repeat(22),
  inputs: inputOf(fieldsOf(["token"], ["sessionId"]), ids),
  rights: (world) => rightsOf(world, () => world.bob),
  answers: { ...CLAIMED, 204: [], 404: ["not_found"], 405: ["method_not_allowed"] },
  async accepted({ api, bob }) {
    const { status } = await api(json("/sync", claimOf(bob)));
    if (status !== 200) throw new Error("another session was ended than the one that was named");
  },
};

const removeDevice: Target = {
  name: "remove",
  method: "DELETE",
  path: ({ parameter = "" }) => `/devices/${encodeURIComponent(parameter.toWellFormed())}`,
  // Another's: no answer may tell it from one that never was.
  rightParameter: ({ deviceOfTold }) => deviceOfTold,
  inputs: inputOf(fieldsOf(["token"], ["deviceId"]), ids),
  rights: (world) => rightsOf(world, () => world.ann),
  answers: { ...CLAIMED, 404: ["unknown_device", "not_found"], 405: ["method_not_allowed"] },
};

/** Mostly of somebody who has no device left, as each that is taken has to be given back. */
const makeDevice: Target = {
  name: "make",
  ...post("/devices"),
  inputs: inputOf(fieldsOf(["token", "id", "deviceName", "loginId"], ["username"]), nothing),
  rights: (world) => rightsOf(world, () => world.moving),
  answers: { ...CLAIMED, 200: [] },
  async accepted(world, event, { body: { token, id, deviceId } }) {
    const { api } = world;
    const { body } = await api(bearer(String(token), { method: "GET", path: "/devices" }));
    const { name } = (body["devices"] as { current: boolean; name: string }[]).find((one) => one.current) ?? {};
    if (name !== fieldIn(event, "deviceName")) throw new Error(`the device is called ${JSON.stringify(name)}`);
    const { status } = await api(bearer(String(token), { method: "DELETE", path: `/devices/${deviceId}` }));
    if (status !== 204) throw new Error(`the device of ${id} was made, and not removed`);
    world.moving = await logIn(api, world.moving.username);
  },
  async unsure(world, api) {
    world.moving = await newPerson(api);
  },
};

const devices: Target = {
  ...sessions,
  name: "devices",
  path: () => "/devices",
  async accepted(_, __, { body }) {
    const listed = body["devices"] as { current: boolean }[];
    if (listed.filter(({ current }) => current).length !== 1) throw new Error("not one device is the current one");
  },
};

const blockPath = ({ parameter = "" }: Input) => `/blocks/${encodeURIComponent(parameter.toWellFormed())}`;

async function blockedBy({ api, carol }: World): Promise<string[]> {
  const { body, status, text } = await api(bearer(carol.token, { method: "GET", path: "/blocks" }));
  if (status !== 200) throw new Error(`no blocks: ${text}`);
  return (body["blocks"] as { id: string }[]).map(({ id }) => id);
}

const block: Target = {
  name: "block",
  method: "PUT",
  path: blockPath,
  rightParameter: ({ bob }) => bob.id,
  inputs: inputOf(fieldsOf(["token"], ["userId"]), ids),
  rights: (world) => rightsOf(world, () => world.carol),
  answers: { ...CLAIMED, 204: [], 404: ["unknown_user", "not_found"], 405: ["method_not_allowed"] },
  async accepted(world) {
    const blocked = await blockedBy(world);
    if (blocked.join() !== world.bob.id) throw new Error(`blocked are ${blocked.join()}`);
  },
  async unsure(world, api) {
    world.carol = await newPerson(api);
  },
};

const unblock: Target = {
  ...block,
  name: "unblock",
  method: "DELETE",
  answers: { ...CLAIMED, 204: [], 404: ["not_found"], 405: ["method_not_allowed"] },
  async accepted(world, { pathParameters }) {
    const { userId = "" } = pathParameters ?? {};
    if ((await blockedBy(world)).includes(userId.toLowerCase())) throw new Error("who was unblocked is blocked");
  },
};

const blocks: Target = {
  ...sessions,
  name: "blocks",
  path: () => "/blocks",
  async accepted(_, __, { text: answer }) {
    if (answer !== '{"blocks":[]}') throw new Error(`blocked are ${answer}`);
  },
};

export const targets: readonly Target[] = [
  send,
  sync,
  register,
  login,
  admitted,
  logout,
  find,
  fallback,
  password,
  changedPassword,
  deletion,
  deletedAccount,
  sessions,
  endSession,
  makeDevice,
  devices,
  removeDevice,
  pushKey,
  subscribe,
  unsubscribe,
  block,
  unblock,
  blocks,
  ...groupTargets,
  ...fileTargets,
];
