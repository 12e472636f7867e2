import { ChannelStore } from "./channel-store.ts";
import { readConfig } from "./config.ts";
import { createDatabase } from "./database.ts";
import { Delivery } from "./delivery.ts";
import { Sessions } from "./sessions.ts";
import { Tokens } from "./tokens.ts";
import { Users } from "./users.ts";

/** The parts of a running function, made once when it loads. All of them share one database client. */
const config = readConfig(process.env);

export const now = Date.now;
export const database = createDatabase();
export const accountsTable = config.accountsTable;
export const tokens = new Tokens(config.tokenKey, now);
export const sessions = new Sessions(database, accountsTable, now);
export const users = new Users(database, accountsTable, now);
export const delivery = new Delivery(new ChannelStore(database, config.channelsTable), now);
