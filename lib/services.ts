import { Blocks } from "./blocks.ts";
import { ChannelBound } from "./channel-bound.ts";
import { ChannelStore } from "./channel-store.ts";
import { readConfig } from "./config.ts";
import { createDatabase } from "./database.ts";
import { Delivery } from "./delivery.ts";
import { Meter } from "./meter.ts";
import { SendLimit } from "./send-limit.ts";
import { Sessions } from "./sessions.ts";
import { sleep } from "./sleep.ts";
import { StoredKeyRing } from "./stored-key-ring.ts";
import { Tokens } from "./tokens.ts";
import { Users } from "./users.ts";

/** The parts of a running function, made once when it loads. All of them share one database client. */
const config = readConfig(process.env);

export const now = Date.now;
export const liveEndpoint = config.liveEndpoint;
export const registrationMode = config.registration;
export const meter = new Meter();
export const database = createDatabase(meter.count);
export const accountsTable = config.accountsTable;
const storedKeys = new StoredKeyRing(database, accountsTable, now);
const { tokenKeys } = config;
export const tokens = new Tokens(tokenKeys ? async () => tokenKeys : (isUnknown) => storedKeys.get(isUnknown), now);
export const sessions = new Sessions(database, accountsTable, now);
export const users = new Users(database, accountsTable, now);
export const blocks = new Blocks(database, accountsTable, now);
export const channels = new ChannelStore(database, config.channelsTable);
export const delivery = new Delivery(channels, now, sleep, meter.count);
export const sendLimit = new SendLimit(database, accountsTable, now, config.sendRate);
export const channelBound = new ChannelBound(channels, users, now, config.channelMessages);
