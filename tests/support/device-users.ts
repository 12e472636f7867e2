import { v7 as uuidv7 } from "uuid";
import type { WantedDevice } from "../../lib/accounts/device-logins.ts";
import { Sending } from "../../lib/channel/sending.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { profileKey } from "../../lib/database/account-keys.ts";
import { getRecord } from "../../lib/database/get-record.ts";
import { putRecord } from "../../lib/database/put-record.ts";
import type { Device } from "../../lib/devices/device-map.ts";
import { channelKey, newUserId } from "../../lib/runtime/ids.ts";
import type { Caller } from "../../lib/tokens/tokens.ts";
import type { AccountParts } from "./accounts.ts";
import type { TestEngine } from "./engines.ts";
import { newUsername } from "./logins.ts";
import { weakPasswords } from "./weak-passwords.ts";

export const PASSWORD = "a password";
const HERE = { address: "a", userAgent: "an agent" };

/** A user, and what tests of devices do with one. */
export interface DeviceUser {
  readonly userId: string;
  readonly username: string;
  /** Logs in, and opens the token as a function would. */
  logIn(wanted?: WantedDevice, password?: string): Promise<Caller>;
  /** The same without a password. */
  begin(wanted?: WantedDevice): Promise<Caller>;
  /** The devices as they are stored. */
  devices(): Promise<readonly Device[]>;
  /** Puts a message on one of the user's channels, as a send does. */
  put(channel: string | undefined, content: string): Promise<void>;
  /** What waits on one of the user's channels. */
  waiting(channel: string | undefined): Promise<string[]>;
  /** The ids of the sessions that are stored. */
  sessions(): Promise<string[]>;
}

/** Work that may be left to later is waited for, however busy the machine is: what a test expects is what that work does. */
export function deviceUsers(parts: AccountParts, engine: TestEngine, now: () => number) {
  Object.assign(LIMITS.devices, { handOverBound: 120_000 });
  const toUser = (userId: string, username: string): DeviceUser => ({
    userId,
    username,
    logIn: async (wanted = {}, password = PASSWORD) => {
      const { token, deviceId } = await parts.accounts.login(username, password, HERE, wanted);
      const caller = await parts.tokens.open(token);
      if (caller.deviceId !== deviceId) throw new Error("the token names another device than the answer");
      return caller;
    },
    begin: async (wanted = {}) => {
      const session = await parts.deviceLogins.begin(userId, wanted, HERE.userAgent);
      if (session === undefined) throw new Error("there is no such user");
      const { sessionId, deviceId, channel } = session;
      return { userId, username, sessionId, deviceId, channel };
    },
    devices: async () => {
      const stored = await getRecord<{ devices: Device[] }>(engine.accounts, profileKey(userId), { consistent: true });
      return stored?.devices ?? [];
    },
    put: async (channel, content) => {
      const sending = new Sending(parts.messages, now);
      const message = { senderId: newUserId(), senderName: "sender", content, messageId: uuidv7() };
      await sending.send(message, [{ channel: channelKey(userId, channel) }]);
    },
    waiting: async (channel) => {
      const { messages } = await parts.channels.read(channelKey(userId, channel), 100);
      return messages.map(({ content }) => content);
    },
    sessions: async () => (await parts.sessions.list(userId)).map(({ sessionId }) => sessionId).sort(),
  });
  return {
    /** Somebody who has registered. */
    register: async (): Promise<DeviceUser> => {
      const username = newUsername();
      const { id } = await parts.registration.register(username, PASSWORD, undefined);
      return toUser(id, username);
    },
    /** A user created before devices existed: the profile has no map. */
    registerOld: async (): Promise<DeviceUser> => {
      const [id, username] = [newUserId(), newUsername()];
      await putRecord(engine.accounts, { ...profileKey(id), username, createdAt: 1 });
      const passwordHash = await weakPasswords.hash(PASSWORD);
      if (!(await parts.users.names.claim(username, { id, passwordHash }))) throw new Error("the name is taken");
      return toUser(id, username);
    },
  };
}
