import type { RegistrationMode } from "../../lib/accounts/registration.ts";
import { ChannelStore } from "../../lib/channel/channel-store.ts";
import { MessageStore } from "../../lib/channel/message-store.ts";
import type { Database } from "../../lib/database/database.ts";
import type { HangUp } from "../../lib/live/hang-up.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import { accountParts } from "../../lib/services/accounts-services.ts";
import { singleKey } from "../../lib/tokens/key-ring.ts";
import { SessionCheck } from "../../lib/tokens/session-check.ts";
import { Tokens } from "../../lib/tokens/tokens.ts";
import type { TestEngine } from "./engines.ts";
import { weakPasswords } from "./weak-passwords.ts";

/** Everything about accounts, put together as the function does it, and the stores of the channels. */
export type AccountParts = ReturnType<typeof accountsOn>;

export function accountsOn(
  database: Database,
  tables: TestEngine["tables"],
  now: Clock,
  registration: RegistrationMode = "open",
  hangUp: HangUp | undefined = undefined,
) {
  const accountsTable = { database, name: tables.accounts };
  const sessionCheck = new SessionCheck(accountsTable, now);
  const tokens = new Tokens(async () => singleKey(new Uint8Array(32)), now);
  const dependencies = {
    now,
    database,
    accountsTable,
    channelsTable: tables.channels,
    tokens,
    sessionCheck,
    registration,
  };
  return {
    ...accountParts(dependencies, weakPasswords, hangUp),
    sessionCheck,
    tokens,
    passwords: weakPasswords,
    channels: new ChannelStore(database, tables.channels),
    messages: new MessageStore(database, tables.channels),
  };
}
