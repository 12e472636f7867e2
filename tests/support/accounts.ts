import { AccountRemoval } from "../../lib/accounts/account-removal.ts";
import { Accounts } from "../../lib/accounts/accounts.ts";
import { Blocks } from "../../lib/accounts/blocks.ts";
import { Invites } from "../../lib/accounts/invites.ts";
import { LoginThrottle } from "../../lib/accounts/login-throttle.ts";
import { Registration, type RegistrationMode } from "../../lib/accounts/registration.ts";
import { Sessions } from "../../lib/accounts/sessions.ts";
import { Users } from "../../lib/accounts/users.ts";
import { ChannelCloser } from "../../lib/channel/channel-closer.ts";
import { ChannelStore } from "../../lib/channel/channel-store.ts";
import { MessageStore } from "../../lib/channel/message-store.ts";
import { Profiles } from "../../lib/channel/profiles.ts";
import type { Database } from "../../lib/database/database.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import { singleKey } from "../../lib/tokens/key-ring.ts";
import { SessionCheck } from "../../lib/tokens/session-check.ts";
import { Tokens } from "../../lib/tokens/tokens.ts";
import type { TestEngine } from "./engines.ts";
import { weakPasswords } from "./weak-passwords.ts";

/** Everything about accounts, put together as the functions do it. */
export type AccountParts = ReturnType<typeof accountsOn>;

export function accountsOn(
  database: Database,
  tables: TestEngine["tables"],
  now: Clock,
  mode: RegistrationMode = "open",
) {
  const accountsTable = { database, name: tables.accounts };
  const users = new Users(accountsTable, now);
  const profiles = new Profiles(accountsTable);
  const sessions = new Sessions(accountsTable, now);
  const sessionCheck = new SessionCheck(accountsTable, now);
  const blocks = new Blocks(accountsTable, now);
  const invites = new Invites(accountsTable, now);
  const channels = new ChannelStore(database, tables.channels);
  const messages = new MessageStore(database, tables.channels);
  const tokens = new Tokens(async () => singleKey(new Uint8Array(32)), now);
  const throttle = new LoginThrottle(accountsTable, now);
  const channelCloser = new ChannelCloser(database, tables.channels);
  const removal = new AccountRemoval({
    users,
    sessions,
    blocks,
    invites,
    channelCloser,
    throttle,
    hangUp: undefined,
    now,
  });
  const registration = new Registration({ users, passwords: weakPasswords, invites, removal, now }, mode);
  const accounts = new Accounts({
    users,
    passwords: weakPasswords,
    sessions,
    sessionCheck,
    throttle,
    tokens,
    registration,
    removal,
    hangUp: undefined,
  });
  return {
    users,
    passwords: weakPasswords,
    profiles,
    sessions,
    sessionCheck,
    blocks,
    invites,
    channels,
    messages,
    tokens,
    throttle,
    removal,
    registration,
    accounts,
  };
}
