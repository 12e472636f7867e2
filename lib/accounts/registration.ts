import type { User } from "../channel/profiles.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Clock } from "../runtime/clock.ts";
import { GoTalkError, invalidRequest } from "../runtime/errors.ts";
import type { AccountRemoval } from "./account-removal.ts";
import { hashOfCode, type Invite, type Invites } from "./invites.ts";
import type { Credentials } from "./names.ts";
import { requireUncommon } from "./password-rules.ts";
import type { Passwords } from "./passwords.ts";
import { requireUnreserved } from "./reserved-names.ts";
import type { Users } from "./users.ts";

/** Registration is open to anybody, to people with an invitation, or to nobody. */
export type RegistrationMode = "open" | "invite" | "closed";

interface Parts {
  readonly users: Users;
  readonly passwords: Passwords;
  readonly invites: Invites;
  readonly removal: AccountRemoval;
  readonly now: Clock;
}

/*
 * A registration with an invitation changes two items, the name and the invitation, one at a time:
 *
 * 1. The name is claimed, but *pending*: nobody can log in with it.
 * 2. The invitation is used, for this user and this name. Of all that show it, one gets it.
 * 3. The name is activated, if it is still this user's. From here on there is a user.
 * 4. The use of the invitation is *spent*: it counts, whatever becomes of the user.
 *
 * A failure at 1 leaves the invitation untouched; one at 2 gives the name back; one at 3 gives the invitation back. After a crash
 * - between 1 and 2, the name is free for the same invitation, and for others after `LIMITS.registration`;
 * - between 2 and 3, the next request that reads the name completes it;
 * - between 3 and 4, the deletion of the account spends the invitation.
 * A use whose user does not have the name (any more), and that is not spent, is void: the next one takes its place.
 */
export class Registration {
  readonly #parts: Parts;
  readonly #mode: RegistrationMode;

  constructor(parts: Parts, mode: RegistrationMode) {
    this.#parts = parts;
    this.#mode = mode;
  }

  /**
   * @throws {GoTalkError} `username_taken`: Somebody has the name.
   * @throws {GoTalkError} `registration_closed`: Nobody may register.
   * @throws {GoTalkError} `invalid_invite`: The code is unknown, used or expired.
   * @throws {GoTalkError} `invalid_request`: A code is needed, and there is none; the name is reserved; the password is
   *   one of the commonest.
   */
  async register(username: string, password: string, inviteCode: string | undefined): Promise<User> {
    if (this.#mode === "closed") throw new GoTalkError("registration_closed");
    requireUnreserved(username);
    requireUncommon("password", password, username);
    const invite = this.#mode === "invite" ? hashOfCode(required(inviteCode)) : undefined;
    if (invite !== undefined) await this.#checkInvite(invite, username);
    // Saves the hash where it would be for nothing. What decides is the conditional write.
    const replaces = await this.#makeRoom(username, invite);
    const passwordHash = await this.#parts.passwords.hash(password);
    if (invite === undefined) return this.#parts.users.create(username, passwordHash, { replaces });

    const pendingUntil = this.#parts.now() + LIMITS.registration;
    const user = await this.#parts.users.create(username, passwordHash, { invite, pendingUntil, replaces });
    return this.#complete(user, invite);
  }

  /**
   * Completes a registration that has used its invitation and was interrupted.
   *
   * @returns The user who has the name; `undefined` if nobody has it for good.
   */
  async resolve(found: Credentials | undefined): Promise<Credentials | undefined> {
    if (found?.pendingUntil === undefined) return found;
    const { users, invites } = this.#parts;
    const invite = found.invite === undefined ? undefined : await invites.find(found.invite);
    if (invite?.use?.userId !== found.id) return undefined;
    return (await users.names.activate(found.username, found.id)) ? found : undefined;
  }

  /** Steps 2 to 4. */
  async #complete(user: User, invite: string): Promise<User> {
    const { users, invites } = this.#parts;
    if (!(await this.#use(invite, user))) {
      await users.names.release(user.username, user.id);
      await users.removeProfile(user.id);
      throw new GoTalkError("invalid_invite");
    }
    if (!(await users.names.activate(user.username, user.id))) {
      await invites.release(invite, user.id);
      await users.removeProfile(user.id);
      throw new GoTalkError("username_taken");
    }
    await invites.spend(invite, user.id);
    return user;
  }

  /** Whether the invitation is this user's now. */
  async #use(inviteHash: string, { id, username }: User): Promise<boolean> {
    const { invites } = this.#parts;
    const use = { userId: id, username };
    if (await invites.use(inviteHash, use)) return true;
    const invite = await invites.find(inviteHash);
    return invite?.use !== undefined && (await this.#isVoid(invite)) && invites.use(inviteHash, use, invite.use);
  }

  /**
   * Checks that the invitation can be used, before anything is done for it. A repeat of a registration that succeeded
   * meets the answer that the name is taken, as where no invitation is needed.
   */
  async #checkInvite(inviteHash: string, username: string): Promise<void> {
    const invite = await this.#parts.invites.find(inviteHash);
    if (invite === undefined) throw new GoTalkError("invalid_invite");
    if (invite.use === undefined || (await this.#isVoid(invite))) return;
    const isRepeat = invite.use.username === username && (await this.#holder(username))?.id === invite.use.userId;
    throw isRepeat ? new GoTalkError("username_taken") : new GoTalkError("invalid_invite");
  }

  /** Whether the use came to nothing, and never will: its user has lost the name before it was theirs for good. */
  async #isVoid({ use, isSpent }: Invite): Promise<boolean> {
    if (use === undefined || isSpent) return false;
    return (await this.#parts.users.credentials(use.username))?.id !== use.userId;
  }

  /**
   * Finishes what was interrupted at the name, and checks that the name can be had.
   *
   * @returns The id of a user who holds it and may be replaced.
   */
  async #makeRoom(username: string, invite: string | undefined): Promise<string | undefined> {
    const { users, removal, now } = this.#parts;
    const found = await users.credentials(username);
    if (found === undefined) return undefined;
    if (found.isClosing) {
      await removal.finish(found);
      return undefined;
    }
    if (await this.resolve(found)) throw new GoTalkError("username_taken");
    const mayReplace = found.invite === invite || (found.pendingUntil ?? 0) <= now();
    if (!mayReplace) throw new GoTalkError("username_taken");
    return found.id;
  }

  async #holder(username: string): Promise<Credentials | undefined> {
    return this.resolve(await this.#parts.users.credentials(username));
  }
}

function required(inviteCode: string | undefined): string {
  if (inviteCode !== undefined) return inviteCode;
  const detail = "is required: the invite code from the operator of this service";
  throw invalidRequest(`inviteCode ${detail}`, [{ field: "inviteCode", detail }]);
}
