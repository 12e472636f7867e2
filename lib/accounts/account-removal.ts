import type { ChannelCloser } from "../channel/channel-closer.ts";
import { LIMITS } from "../contract/limits.ts";
import type { HangUp } from "../live/hang-up.ts";
import type { Clock } from "../runtime/clock.ts";
import { epochSeconds } from "../runtime/clock.ts";
import type { Blocks } from "./blocks.ts";
import type { Invites } from "./invites.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import type { Credentials } from "./names.ts";
import type { Sessions } from "./sessions.ts";
import type { Users } from "./users.ts";

interface Parts {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly blocks: Blocks;
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
   * Finishes a deletion that has begun. Messages that wait are left to their own time to live, and so is the head: no
   * client can fetch them, as no session is left, and none can begin.
   */
  async finish({ id, username, invite }: Pick<Credentials, "id" | "username" | "invite">): Promise<void> {
    const { users, sessions, blocks, invites, channelCloser, throttle, hangUp, now } = this.#parts;
    // A login under way has stored its session before it reads the name again: one of the two finds the other.
    await sessions.endAll(id);
    await hangUp?.(id, () => true);
    await users.removeProfile(id);
    await blocks.removeAll(id);
    if (invite !== undefined) await invites.spend(invite, id);
    await throttle.removeAll(id, username);
    await channelCloser.close(id, epochSeconds(now() + LIMITS.retention));
    await users.names.retire(username, id);
  }
}
