import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/*
 * The items of the table `accounts`, by their keys. Everything about one user id, and everything about one username, is a
 * partition of its own: both can be read by a query, without an index.
 *
 *   owner              record               what
 *   user#<id>          profile              the user exists; the username
 *   user#<id>          session#<session>    a login that is still valid
 *   name#<username>    credentials          whose username it is; the password's hash
 *   name#<username>    failures             failed logins from everywhere
 *   name#<username>    failures#<address>   failed logins from one address
 */

type Key = Record<"owner" | "record", AttributeValue>;

const key = (owner: string, record: string): Key => ({ owner: { S: owner }, record: { S: record } });

export const profileKey = (userId: string): Key => key(`user#${userId}`, "profile");

export const sessionKey = (userId: string, sessionId: string): Key => key(`user#${userId}`, `session#${sessionId}`);

export const credentialsKey = (username: string): Key => key(`name#${username}`, "credentials");

/** @param address An IP address; without one, the failures from everywhere. */
export const failuresKey = (username: string, address?: string): Key =>
  key(`name#${username}`, address === undefined ? "failures" : `failures#${address}`);
