import { Users } from "../../lib/accounts/users.ts";
import type { AccountsTable } from "../../lib/database/accounts-table.ts";
import { declaredTables } from "../../stack/tables.ts";
import { databaseOf } from "./stack-engine.ts";
import { weakPasswords } from "./weak-passwords.ts";

/** What a user registers and logs in with. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Makes a user. @returns The id. */
export type Seed = (credentials: Credentials) => Promise<string>;

/** The table `accounts` of a running stack, by its data folder. */
export function accountsOf(data: string): AccountsTable {
  const { AccountsTable } = declaredTables();
  if (AccountsTable === undefined) throw new Error("serverless.yml lacks a table");
  return { database: databaseOf(data), name: AccountsTable.TableName };
}

/**
 * Makes users of a running stack by its table, as a registration does it, but for the hash: that is a weak one, so that
 * logging in costs next to nothing.
 *
 * @param data The stack's data folder.
 */
export function seedingOf(data: string): Seed {
  const users = new Users(accountsOf(data), Date.now);
  return async ({ username, password }) => (await users.create(username, await weakPasswords.hash(password))).id;
}
