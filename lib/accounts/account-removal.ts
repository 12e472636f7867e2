import type { ChannelCloser } from "../channel/channel-closer.ts";
import { LIMITS } from "../contract/limits.ts";
import type { DeviceNames } from "../devices/device-names.ts";
import type { Devices } from "../devices/device-store.ts";
import type { GroupLeaving } from "../groups/group-leaving.ts";
import type { HangUp } from "../live/hang-up.ts";
import type { Clock } from "../runtime/clock.ts";
import { epochSeconds } from "../runtime/clock.ts";
import { Unavailable } from "../runtime/errors.ts";
import { channelKey } from "../runtime/ids.ts";
import type { Blocks } from "./blocks.ts";
import type { Invites } from "./invites.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import type { Credentials } from "./names.ts";
import type { Sessions } from "./sessions.ts";
import type { Users } from "./users.ts";

interface Parts {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly devices: Devices;
  readonly deviceNames: DeviceNames;
  readonly blocks: Blocks;
  readonly groupLeaving: GroupLeaving;
  readonly invites: Invites;
  readonly channelCloser: ChannelCloser;
  readonly throttle: LoginThrottle;
  readonly hangUp: HangUp | undefined;
  readonly now: Clock;
}

/*
 * The deletion of an account. It begins when the name is marked as closing (`Names.close`): from then on nobody can log in
 * with it, and the account is deleted for good. What follows may be interrupted at any step and is safe to
 * repeat from the first: when the user repeats the request, at a login with the name and the right password, and at a
 * registration of the name. The name goes last, as all of these find the account by it.
 */
export class AccountRemoval {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Finishes a deletion that has begun. Messages that wait are left to their own time to live, and so are the heads: no
   * client can fetch them, as no session is left, and none can begin.
   */
  async finish({ id, username, invite }: Pick<Credentials, "id" | "username" | "invite">): Promise<void> {
    const { users, sessions, deviceNames, blocks, groupLeaving, invites, throttle, hangUp } = this.#parts;
    // A login under way has stored its session before it reads the name again: one of the two finds the other.
    await sessions.endAll(id);
    await hangUp?.(id, () => true);
    await groupLeaving.leaveAll({ id, username });
    await this.#closeChannels(id);
    await deviceNames.removeAll(id);
    await blocks.removeAll(id);
    if (invite !== undefined) await invites.spend(invite, id);
    await throttle.removeAll(id, username);
    await users.names.retire(username, id);
  }

  /**
   * Closes the channel of every device, and only then removes the profile: nothing else knows the channels. A login under way
   * may add a device meanwhile; then all is done again.
   */
  async #closeChannels(id: string): Promise<void> {
    const { users, devices, channelCloser, now } = this.#parts;
    const expiresAt = epochSeconds(now() + LIMITS.retention);
    for (let round = 0; round < LIMITS.devices.attempts; round++) {
      const map = await devices.read(id);
      // Without a profile an earlier try has closed them; one made before devices existed has left the first channel open.
      const channels = new Set([undefined, ...(map?.devices ?? []).map(({ channel }) => channel)]);
      await Promise.all([...channels].map((channel) => channelCloser.close(channelKey(id, channel), expiresAt)));
      if (map === undefined || (await users.removeProfileAsRead(id, map.version))) return;
    }
    throw new Unavailable("the devices were changed by others each time");
  }
}
