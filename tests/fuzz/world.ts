import { randomBytes } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { type Answer, type Api, bearer, json } from "../support/api.ts";
import { UNBOUNDED } from "../support/bounds.ts";
import { claimOf, newPerson, PASSWORD, type Person } from "../support/logins.ts";
import type { Rights } from "./bodies.ts";
import { PROOF_HEADER } from "./events.ts";

/** Whom the inputs are about. */
export interface World {
  readonly api: Api;
  /** Sends, and is sent to: what a fuzzed send stored is read back from this channel. */
  ann: Person;
  /** Syncs. */
  readonly bob: Person;
  /** Logs out, and in again behind the fuzzer's back. */
  carol: Person;
  /** Has given a wrong password so often that a right-looking password is refused before it is hashed. */
  shutOut: Person;
  /** Changes the password each time that it may. */
  changing: Person;
  /** Takes a device of its own each time that it may, and is then rid of it. */
  moving: Person;
  /** The id of a device of Bob's, on which he is logged in. */
  readonly deviceOfBob: string;
  /** Is on a device of its own, and told by push. */
  readonly told: Person;
  /** The id of that device. No other input names it, so that its session goes on. */
  readonly deviceOfTold: string;
  /** Admin of the group. */
  readonly host: Person;
  /** Whom the host has in groups. */
  guest: Person;
  groupId: string;
  /** Lets into the group. */
  code: string;
  /** Deletes the account each time that it may; then there is a new one. */
  leaving: Person;
}

export async function newWorld(api: Api): Promise<World> {
  // One after the other: their passwords are hashed in the same thread here.
  const bob = await newPerson(api);
  const host = await newPerson(api);
  const told = await newPerson(api);
  const toldOn = json("/login", { username: told.username, password: PASSWORD, deviceName: "A phone" });
  const { body: onPhone } = await api(toldOn);
  const onDevice = json("/login", { username: bob.username, password: PASSWORD, deviceName: "Bob's" });
  return {
    api,
    ann: await newPerson(api),
    bob,
    told: { ...told, token: String(onPhone["token"]) },
    deviceOfTold: String(onPhone["deviceId"]),
    host,
    ...(await newGroup(api, host)),
    deviceOfBob: String((await api(onDevice)).body["deviceId"]),
    moving: await newPerson(api),
    carol: await newPerson(api),
    shutOut: await newShutOut(api),
    changing: await newPerson(api),
    leaving: await newPerson(api),
  };
}

/** Another group, with somebody in it whom no request was about. */
export async function newGroup(api: Api, host: Person): Promise<Pick<World, "guest" | "groupId" | "code">> {
  const guest = await newPerson(api);
  const group = bearer(host.token, json("/groups", { name: "A group", members: [guest.id] }));
  const groupId = String((await api(group)).body["groupId"]);
  return { guest, groupId, code: await newCode(api, host, groupId) };
}

/** A code that lets into a group. */
export async function newCode(api: Api, { token }: Person, groupId: string): Promise<string> {
  return String((await api(bearer(token, json(`/groups/${groupId}/invite`, {})))).body["code"]);
}

/** Somebody whose windows of wrong passwords are full: of logins, and of the own session. */
async function newShutOut(api: Api): Promise<Person> {
  const person = await newPerson(api);
  const password = "not the password";
  const { username } = person;
  for (const wrong of [
    json("/login", { username, password }),
    json("/account/delete", { ...claimOf(person), password }),
  ]) {
    let answer: Answer | undefined;
    while (answer?.status !== 429) answer = await api(wrong);
  }
  return person;
}

const ORIGIN_SECRET = "what-CloudFront-and-the-functions-share";

/** For the functions: a fuzzer asks faster than any user may, and now and then it passes for CloudFront. */
export const SETTINGS = { ...UNBOUNDED, ORIGIN_SECRET };

/** For a caller, what each field of a right request holds. */
export const rightsOf = (world: World, caller: () => Person): Rights => ({
  token: () => caller().token,
  Token: () => caller().token,
  id: () => caller().id,
  username: () => caller().username,
  password: () => caller().password,
  newPassword: () => PASSWORD,
  sendToId: () => world.ann.id,
  sendTo: () => world.ann.id,
  toId: () => world.ann.id,
  content: () => "hello",
  messageId: () => uuidv7(),
  about: () => uuidv7(),
  type: () => "text",
  quiet: () => "true",
  copies: () => "false",
  endpoint: () => "https://8.8.8.8/p",
  keys: () => "",
  showText: () => "true",
  muted: () => "",
  deviceId: () => world.deviceOfBob,
  deviceName: () => "A device",
  loginId: () => randomBytes(16).toString("base64url"),
  replaceDeviceId: () => world.deviceOfBob,
  groupId: () => world.groupId,
  userId: () => world.guest.id,
  name: () => "A group",
  members: () => world.guest.id,
  groupKey: () => randomBytes(16).toString("base64url"),
  admin: () => "false",
  code: () => world.code,
  bytes: () => "16",
  sha256: () => "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  fileId: () => "A".repeat(22),
  ack: () => randomBytes(16).toString("base64url"),
  limit: () => "10",
  // At another address nobody is shut out.
  [PROOF_HEADER]: () => (caller() === world.shutOut ? "" : ORIGIN_SECRET),
});

/** Everything on the channel of a person, settled. */
export async function drain(api: Api, person: Person): Promise<Record<string, unknown>[]> {
  const { status, body, text } = await api(json("/sync", claimOf(person)));
  if (status !== 200) throw new Error(`not synced: ${text}`);
  return body["messages"] as Record<string, unknown>[];
}
