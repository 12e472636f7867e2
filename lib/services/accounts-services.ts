import { AccountRemoval } from "../accounts/account-removal.ts";
import { Accounts } from "../accounts/accounts.ts";
import { Blocks } from "../accounts/blocks.ts";
import { DeviceLogins } from "../accounts/device-logins.ts";
import { DeviceRemoval } from "../accounts/device-removal.ts";
import { Invites } from "../accounts/invites.ts";
import { LoginThrottle } from "../accounts/login-throttle.ts";
import { Passwords } from "../accounts/passwords.ts";
import { Registration, type RegistrationMode } from "../accounts/registration.ts";
import { SessionCleanup } from "../accounts/session-cleanup.ts";
import { Sessions } from "../accounts/sessions.ts";
import { Users } from "../accounts/users.ts";
import { ChannelCloser } from "../channel/channel-closer.ts";
import { ChannelStore } from "../channel/channel-store.ts";
import { MessageStore } from "../channel/message-store.ts";
import { Profiles } from "../channel/profiles.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Database } from "../database/database.ts";
import { DeviceNames } from "../devices/device-names.ts";
import { Devices } from "../devices/device-store.ts";
import { HandOver } from "../devices/hand-over.ts";
import { WaitingCopy } from "../devices/waiting-copy.ts";
import { GroupLeaving } from "../groups/group-leaving.ts";
import { GroupNotes } from "../groups/group-notes.ts";
import { GroupRecords } from "../groups/group-records.ts";
import { GroupStore } from "../groups/group-store.ts";
import { Groups } from "../groups/groups.ts";
import { type HangUp, hangUpBy } from "../live/hang-up.ts";
import { Listeners } from "../live/listeners.ts";
import type { LiveGateway } from "../live/live-gateway.ts";
import { LocalRate } from "../rates/rate.ts";
import { UserLimit } from "../rates/user-limit.ts";
import type { Foundation } from "./foundation.ts";
import { gatewayOf } from "./gateway.ts";
import { groupParts } from "./group-parts.ts";

/** What {@link accountParts} needs. */
interface AccountDependencies
  extends Pick<Foundation, "now" | "accountsTable" | "channelsTable" | "tokens" | "sessionCheck"> {
  readonly database: Database;
  readonly registration: RegistrationMode;
}

/**
 * The parts of the room `accounts`, put together.
 *
 * @param hangUp Closes the connections of ended sessions; without it there are none.
 */
export function accountParts(dependencies: AccountDependencies, passwords: Passwords, hangUp: HangUp | undefined) {
  const { now, database, accountsTable, channelsTable, tokens, sessionCheck } = dependencies;
  const users = new Users(accountsTable, now);
  const sessions = new Sessions(accountsTable, now);
  const blocks = new Blocks(accountsTable, now);
  const groupNotes = new GroupNotes(accountsTable, now);
  const groupLeaving = new GroupLeaving(new GroupStore(accountsTable, now), groupNotes);
  const invites = new Invites(accountsTable, now);
  const throttle = new LoginThrottle(accountsTable, now);
  const channelCloser = new ChannelCloser(database, channelsTable);
  const devices = new Devices(accountsTable, now);
  const deviceNames = new DeviceNames(accountsTable, now);
  const cleanup = new SessionCleanup({ sessions, names: deviceNames, hangUp });
  const channels = new ChannelStore(database, channelsTable);
  const messages = new MessageStore(database, channelsTable);
  const waitingCopy = new WaitingCopy(channels, messages, now);
  const handOver = new HandOver({ devices, waitingCopy, closer: channelCloser, cleanup, now });
  const deviceRemoval = new DeviceRemoval({ devices, handOver, sessions, hangUp, now });
  const deviceLogins = new DeviceLogins({
    devices,
    names: deviceNames,
    sessions,
    handOver,
    removal: deviceRemoval,
    hangUp,
    now,
  });
  const removal = new AccountRemoval({
    users,
    sessions,
    devices,
    deviceNames,
    blocks,
    groupLeaving,
    invites,
    channelCloser,
    throttle,
    hangUp,
    now,
  });
  const registration = new Registration({ users, passwords, invites, removal, now }, dependencies.registration);
  return {
    users,
    sessions,
    devices,
    deviceNames,
    deviceLogins,
    deviceRemoval,
    blocks,
    groupNotes,
    invites,
    throttle,
    removal,
    registration,
    profiles: new Profiles(accountsTable),
    accounts: new Accounts({
      users,
      passwords,
      sessions,
      sessionCheck,
      throttle,
      tokens,
      registration,
      removal,
      deviceLogins,
      deviceRemoval,
      hangUp,
    }),
  };
}

/**
 * The parts of the function `accounts`.
 *
 * @param gateway Manages WebSocket connections; without one there are none.
 */
export function accountsServices(
  foundation: Foundation,
  gateway: LiveGateway | undefined = gatewayOf(foundation),
  passwords = new Passwords(),
) {
  const { config, now, meter, accountsTable, tokens, sessionCheck, addressLimit, ownHosts } = foundation;
  const hangUp = gateway && hangUpBy(new Listeners(accountsTable, now), gateway);
  const dependencies = { ...foundation, registration: config.registration };
  const parts = accountParts(dependencies, passwords, hangUp);
  const { sessions, devices, deviceNames, deviceRemoval, blocks, groupNotes, registration, profiles, accounts } = parts;
  const groups = groupParts(foundation, gateway);
  return {
    tokens,
    sessionCheck,
    addressLimit,
    deletionRepeats: new LocalRate(LIMITS.deletionRepeats, now),
    logoutRepeats: new LocalRate(LIMITS.logoutRepeats, now),
    meter,
    ownHosts,
    liveUrl: config.liveUrl,
    sessions,
    devices,
    deviceNames,
    deviceRemoval,
    blocks,
    registration,
    profiles,
    callLimit: new UserLimit(accountsTable, now, config.rates.call),
    groups: new Groups({
      store: groups.store,
      records: new GroupRecords(accountsTable),
      notes: groupNotes,
      people: groups.people,
      teller: groups.teller,
      sendLimit: new UserLimit(accountsTable, now, config.rates.send),
      now,
    }),
    accounts,
  };
}
