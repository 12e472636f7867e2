import { Blocks } from "../accounts/blocks.ts";
import { Sessions } from "../accounts/sessions.ts";
import { Users } from "../accounts/users.ts";
import { ChannelBound } from "../channel/channel-bound.ts";
import { ChannelCloser } from "../channel/channel-closer.ts";
import { ChannelStore } from "../channel/channel-store.ts";
import { Delivery } from "../channel/delivery.ts";
import { MessageStore } from "../channel/message-store.ts";
import { Profiles } from "../channel/profiles.ts";
import { Receivers } from "../channel/receivers.ts";
import { Sending } from "../channel/sending.ts";
import { WaitingCheck } from "../channel/waiting-check.ts";
import { LIMITS } from "../contract/limits.ts";
import { createDatabase } from "../database/database.ts";
import { AddressLimit } from "../rates/address-limit.ts";
import { UserLimit } from "../rates/user-limit.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import { Meter } from "../runtime/meter.ts";
import { sleep } from "../runtime/sleep.ts";
import { SessionCheck } from "../tokens/session-check.ts";
import { StoredKeyRing } from "../tokens/stored-key-ring.ts";
import { Tokens } from "../tokens/tokens.ts";
import { readConfig } from "./config.ts";

/**
 * The parts of a running function, made once when it loads. All of them share one database client. What is marked pure is
 * left out of the bundle of a function that does not use it: it would need no permission for it, and be smaller.
 */
// Taken apart at once: what is handed over as `config.x` counts as having effects, and nothing of it is left out.
const {
  channelsTable,
  accountsTable: accountsTableName,
  tokenKeys,
  rates,
  addressRate,
  channelMessages,
  originSecret,
  ...config
} = readConfig(process.env);
const { send: sendRate, sync: syncRate, replay: replayRate, call: callRate } = rates;

export const now = Date.now;
export const { liveEndpoint, liveUrl, ownHosts, registration: registrationMode } = config;
export const meter = new Meter();
const { count } = meter;
export const database = createDatabase(count);
export const accountsTable = { database, name: accountsTableName };
const storedKeys = new StoredKeyRing(accountsTable, now);
export const tokens = new Tokens(tokenKeys ? async () => tokenKeys : (isUnknown) => storedKeys.get(isUnknown), now);
// Read while the function starts: then Lambda gives it a whole processor, and the connection to the database is there for
// the first request. It is waited for, since Lambda may freeze a function that has started, and a call that is frozen is
// lost. A failure ends nothing: a later request reads the key again.
if (tokenKeys === undefined) {
  await bestEffort("read the token key while starting", LIMITS.tokenKeys.startTime, () => storedKeys.get(false));
}
export const sessionCheck = /* @__PURE__ */ new SessionCheck(accountsTable, now);
export const sessions = /* @__PURE__ */ new Sessions(accountsTable, now);
export const users = /* @__PURE__ */ new Users(accountsTable, now);
export const profiles = /* @__PURE__ */ new Profiles(accountsTable);
export const receivers = /* @__PURE__ */ new Receivers(accountsTable);
export const blocks = /* @__PURE__ */ new Blocks(accountsTable, now);
const channels = /* @__PURE__ */ new ChannelStore(database, channelsTable);
export const messages = /* @__PURE__ */ new MessageStore(database, channelsTable);
export const waitingCheck = /* @__PURE__ */ new WaitingCheck(database, channelsTable, now);
export const channelCloser = /* @__PURE__ */ new ChannelCloser(database, channelsTable);
export const sending = /* @__PURE__ */ new Sending(messages, now, count);
export const delivery = /* @__PURE__ */ new Delivery(channels, now, sleep, count);
export const sendLimit = /* @__PURE__ */ new UserLimit(accountsTable, now, sendRate);
export const syncLimit = /* @__PURE__ */ new UserLimit(accountsTable, now, syncRate);
export const replayLimit = /* @__PURE__ */ new UserLimit(accountsTable, now, replayRate);
export const callLimit = /* @__PURE__ */ new UserLimit(accountsTable, now, callRate);
export const addressLimit = /* @__PURE__ */ new AddressLimit(addressRate, originSecret, now);
export const channelBound = /* @__PURE__ */ new ChannelBound(messages, profiles, now, channelMessages);
