import { AccountRemoval } from "../../lib/account-removal.ts";
import { Accounts } from "../../lib/accounts.ts";
import { Blocks } from "../../lib/blocks.ts";
import { ChannelCloser } from "../../lib/channel-closer.ts";
import { ChannelStore } from "../../lib/channel-store.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Database } from "../../lib/database.ts";
import { Invites } from "../../lib/invites.ts";
import { singleKey } from "../../lib/key-ring.ts";
import { LoginThrottle } from "../../lib/login-throttle.ts";
import { MessageStore } from "../../lib/message-store.ts";
import { Registration, type RegistrationMode } from "../../lib/registration.ts";
import { Sessions } from "../../lib/sessions.ts";
import { Tokens } from "../../lib/tokens.ts";
import { Users } from "../../lib/users.ts";
import type { TestEngine } from "./engines.ts";

/** Everything about accounts, put together as the functions do it. */
export type AccountParts = ReturnType<typeof accountsOn>;

export function accountsOn(
  database: Database,
  tables: TestEngine["tables"],
  now: Clock,
  mode: RegistrationMode = "open",
) {
  const users = new Users(database, tables.accounts, now);
  const sessions = new Sessions(database, tables.accounts, now);
  const blocks = new Blocks(database, tables.accounts, now);
  const invites = new Invites(database, tables.accounts, now);
  const channels = new ChannelStore(database, tables.channels);
  const messages = new MessageStore(database, tables.channels);
  const tokens = new Tokens(async () => singleKey(new Uint8Array(32)), now);
  const throttle = new LoginThrottle(database, tables.accounts, now);
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
  const registration = new Registration({ users, invites, removal, now }, mode);
  const accounts = new Accounts({ users, sessions, throttle, tokens, registration, removal, hangUp: undefined });
  return { users, sessions, blocks, invites, channels, messages, tokens, throttle, removal, registration, accounts };
}
