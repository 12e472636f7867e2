import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LIMITS } from "../contract/limits.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { createDatabase } from "../database/database.ts";
import { AddressLimit } from "../rates/address-limit.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import { Meter } from "../runtime/meter.ts";
import type { Count } from "../runtime/metrics.ts";
import { SessionCheck } from "../tokens/session-check.ts";
import { StoredKeyRing } from "../tokens/stored-key-ring.ts";
import { type KeyRingSource, Tokens } from "../tokens/tokens.ts";
import type { Config } from "./config.ts";

/** What the parts of each function stand on: made once when the function starts. */
export interface Foundation {
  readonly config: Config;
  readonly now: Clock;
  readonly meter: Meter;
  /** The one client of the process. */
  readonly database: DynamoDBClient;
  readonly accountsTable: AccountsTable;
  /** The name of the table `channels`. */
  readonly channelsTable: string;
  readonly tokens: Tokens;
  readonly sessionCheck: SessionCheck;
  readonly addressLimit: AddressLimit;
  readonly ownHosts: readonly string[];
}

/** What a function finds outside of itself. Tests hand in their own. */
interface Surroundings {
  readonly now?: Clock;
  readonly connect?: (count: Count) => DynamoDBClient;
}

/**
 * Makes what every function stands on. Without a key in the settings it reads the token keys while the function starts:
 * then Lambda gives it a whole processor, and the connection to the database is there for the first request. It waits for
 * them, since Lambda may freeze a function that has started, and a call that is frozen is lost. A failure ends nothing: a
 * later request reads the keys again.
 */
export async function startFoundation(
  config: Config,
  { now = Date.now, connect = createDatabase }: Surroundings = {},
): Promise<Foundation> {
  const meter = new Meter();
  const database = connect(meter.count);
  const accountsTable = { database, name: config.accountsTable };
  return {
    config,
    now,
    meter,
    database,
    accountsTable,
    channelsTable: config.channelsTable,
    tokens: new Tokens(await keySource(config, accountsTable, now), now),
    sessionCheck: new SessionCheck(accountsTable, now),
    addressLimit: new AddressLimit(config.addressRate, config.originSecret, now),
    ownHosts: config.ownHosts,
  };
}

async function keySource({ tokenKeys }: Config, accountsTable: AccountsTable, now: Clock): Promise<KeyRingSource> {
  if (tokenKeys) return async () => tokenKeys;
  const storedKeys = new StoredKeyRing(accountsTable, now);
  await bestEffort("read the token key while starting", LIMITS.tokenKeys.startTime, () => storedKeys.get(false));
  return (isUnknown) => storedKeys.get(isUnknown);
}
