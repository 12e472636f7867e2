/*
 * The records of the table `accounts`, by their keys. Everything about one user id, and everything about one username, is a
 * partition of its own: both can be read by a query, without an index.
 *
 *   owner              record               what
 *   user#<id>          profile              the user exists; the username; the map of the user's devices; until when the user may be
 *                                           connected
 *   user#<id>          device#<device>      a device's name
 *   user#<id>          session#<session>    a login that is still valid; where its device is told by push
 *   user#<id>          connection#<conn>    a WebSocket connection of the user; the login that it belongs to
 *   connection#<conn>  holder               whose connection it is
 *   user#<id>          sending              how fast the user sends; likewise syncing, replaying and calling
 *   user#<id>          block#<id>           a sender whose messages the user does not want
 *   user#<id>          group#<group>        a group that the user may be in: the group itself is the truth
 *   user#<id>          files#<day>          how many files the user has uploaded on a day, and how many bytes
 *   user#<id>          failures             wrong passwords of the user's own sessions
 *   name#<username>    credentials          whose username it is; the password's hash
 *   name#<username>    failures             failed logins from everywhere
 *   name#<username>    failures#<origin>    failed logins from one address
 *   name#<username>    known#<origin>       an address from which the user has logged in
 *   group#<id>         group                a group: its name, its members, and what of its changes was not told yet
 *   invite#<hash>      invite               an invitation to register, by the hash of its code
 *   system             token-key            what tokens are encrypted with
 *   system             push-key             what push services know the server by
 */

/** The key of a record: the partition, and the place in it. */
export interface Key {
  readonly owner: string;
  readonly record: string;
}

const key = (owner: string, record: string): Key => ({ owner, record });

/** The partition of everything about one user id. */
export const userOwner = (userId: string): string => `user#${userId}`;

export const profileKey = (userId: string): Key => key(userOwner(userId), "profile");

/**
 * The attributes of a profile that say how many messages waited on a channel when they were last counted, and when that was.
 *
 * @param channel As in `channelKey`; `undefined` is the user's first one.
 */
export const backlogAttributes = (channel: string | undefined) => {
  const suffix = channel === undefined ? "" : `/${channel}`;
  return { backlog: `backlog${suffix}`, countedAt: `countedAt${suffix}` };
};

/** Whether an attribute of a profile is one of {@link backlogAttributes}, of any channel. */
export const isBacklogAttribute = (name: string): boolean => /^(backlog|countedAt)(\/|$)/.test(name);

/** What the record of each device begins with: its name, and what its client says of itself. */
export const DEVICE_PREFIX = "device#";

export const deviceKey = (userId: string, deviceId: string): Key =>
  key(userOwner(userId), `${DEVICE_PREFIX}${deviceId}`);

/** What the record of each session begins with. */
export const SESSION_PREFIX = "session#";

export const sessionKey = (userId: string, sessionId: string): Key =>
  key(userOwner(userId), `${SESSION_PREFIX}${sessionId}`);

/** What the record of each connection begins with. */
export const CONNECTION_PREFIX = "connection#";

export const connectionKey = (userId: string, connectionId: string): Key =>
  key(userOwner(userId), `${CONNECTION_PREFIX}${connectionId}`);

export const holderKey = (connectionId: string): Key => key(`${CONNECTION_PREFIX}${connectionId}`, "holder");

/** The partition of everything about one username. */
export const nameOwner = (username: string): string => `name#${username}`;

export const credentialsKey = (username: string): Key => key(nameOwner(username), "credentials");

/** @param origin Of an address, see `login-origin.ts`; without one, the failures from everywhere. */
export const failuresKey = (username: string, origin?: string): Key =>
  key(nameOwner(username), origin === undefined ? "failures" : `failures#${origin}`);

export const ownFailuresKey = (userId: string): Key => key(userOwner(userId), "failures");

/** What the record of each address begins with from which the user has logged in. */
export const KNOWN_PREFIX = "known#";

/** @param origin Of an address, see `login-origin.ts`. */
export const knownKey = (username: string, origin: string): Key => key(nameOwner(username), `${KNOWN_PREFIX}${origin}`);

/** What a user has a rate for, by the record of its bucket. */
export type Bucket = "sending" | "syncing" | "replaying" | "calling";

export const bucketKey = (userId: string, bucket: Bucket): Key => key(userOwner(userId), bucket);

/** @param day In UTC, such as `2026-03-12`. */
export const filesKey = (userId: string, day: string): Key => key(userOwner(userId), `files#${day}`);

/** What the record of each block begins with. */
export const BLOCK_PREFIX = "block#";

/** @param blockedId Whose messages the user does not want. */
export const blockKey = (userId: string, blockedId: string): Key =>
  key(userOwner(userId), `${BLOCK_PREFIX}${blockedId}`);

/** What the record of each group begins with that a user may be in. */
export const MEMBERSHIP_PREFIX = "group#";

export const membershipKey = (userId: string, groupId: string): Key =>
  key(userOwner(userId), `${MEMBERSHIP_PREFIX}${groupId}`);

export const groupKey = (groupId: string): Key => key(`group#${groupId}`, "group");

/** @param hash Of the code, see `invites.ts`. */
export const inviteKey = (hash: string): Key => key(`invite#${hash}`, "invite");

export const tokenKeyKey = (): Key => key("system", "token-key");

export const pushKeyKey = (): Key => key("system", "push-key");
