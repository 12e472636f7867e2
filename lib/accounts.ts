import { InvalidCredentials, UnknownUser, UsernameTaken } from "./errors.ts";
import { newOpaqueId } from "./ids.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";
import type { Sessions } from "./sessions.ts";
import type { Tokens } from "./tokens.ts";
import type { User, Users } from "./users.ts";

export interface Login extends User {
  readonly token: string;
  /** The first `ack` of the client's chain; see `delivery.ts`. */
  readonly receipt: string;
  /** Of the token, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

interface Parts {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly throttle: LoginThrottle;
  readonly tokens: Tokens;
}

/** Registering, logging in and looking up. Usernames come in lower case. */
export class Accounts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws {UsernameTaken} Somebody has the name. */
  async register(username: string, password: string): Promise<User> {
    const { users } = this.#parts;
    // Saves the hash where it would be for nothing. What decides is the conditional write.
    if (await users.credentials(username)) throw new UsernameTaken();
    return users.create(username, await hashPassword(password));
  }

  /**
   * Takes as long and answers the same for an unknown user as for a wrong password.
   *
   * @param address The client's IP address.
   * @throws {InvalidCredentials} The username or the password is wrong.
   * @throws {TooManyAttempts} Too many of these before.
   */
  async login(username: string, password: string, address: string): Promise<Login> {
    const { users, sessions, throttle, tokens } = this.#parts;
    const [user] = await Promise.all([users.credentials(username), throttle.begin(username, address)]);
    const matches = await verifyPassword(password, user?.passwordHash);
    if (user === undefined || !matches) throw new InvalidCredentials();

    const [session] = await Promise.all([sessions.start(user.id), throttle.succeed(username, address)]);
    const caller = { userId: user.id, username, sessionId: session.sessionId };
    return {
      id: user.id,
      username,
      token: await tokens.issue(caller, session.expiresAt),
      receipt: newOpaqueId(),
      expiresAt: session.expiresAt,
    };
  }

  /** @throws {UnknownUser} Nobody has the name. */
  async find(username: string): Promise<User> {
    const user = await this.#parts.users.credentials(username);
    if (user === undefined) throw new UnknownUser();
    return { id: user.id, username };
  }
}
