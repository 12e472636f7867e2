import { signal } from "@preact/signals";
import {
  Client,
  type ListedDevice,
  type ListedSession,
  ProblemError,
  type Session,
  type User,
} from "../../../lib/client/index.ts";

/** The person's own account. Every call throws what the client throws. */
export class OwnAccount {
  /**
   * The users that the person has blocked, by id, as far as this tab knows. Undefined until {@link loadBlocked} has
   * asked.
   */
  readonly blocked = signal<ReadonlyMap<string, User> | undefined>(undefined);
  readonly #client: Client;
  readonly #onExpired: (token: string) => void;

  constructor(session: Session, onExpired: (token: string) => void) {
    this.#client = new Client({ url: "", session, retry: { giveUpAfter: 8_000 } });
    this.#onExpired = onExpired;
  }

  /** Goes on with the session under another token. */
  renew(session: Session): void {
    this.#client.session = session;
  }

  changePassword(password: string, newPassword: string): Promise<void> {
    return this.#call(() => this.#client.changePassword({ password, newPassword }));
  }

  /** The devices, and the sessions on them. */
  devices(): Promise<readonly [readonly ListedDevice[], readonly ListedSession[]]> {
    return this.#call(() => Promise.all([this.#client.devices(), this.#client.sessions()]));
  }

  removeDevice(deviceId: string): Promise<void> {
    return this.#call(() => this.#client.removeDevice(deviceId));
  }

  endSession(sessionId: string): Promise<void> {
    return this.#call(() => this.#client.endSession(sessionId));
  }

  /** Deletes the account at the server. The data on this device stay. */
  delete(password: string): Promise<void> {
    return this.#call(() => this.#client.deleteAccount(password));
  }

  async loadBlocked(): Promise<void> {
    const users = await this.#call(() => this.#client.blocks());
    this.blocked.value = new Map(users.map((user) => [user.id, user]));
  }

  async block(user: User): Promise<void> {
    await this.#call(() => this.#client.block(user.id));
    this.blocked.value = new Map([...(this.blocked.value ?? []), [user.id, user]]);
  }

  async unblock(userId: string): Promise<void> {
    await this.#call(() => this.#client.unblock(userId));
    this.blocked.value = new Map([...(this.blocked.value ?? [])].filter(([id]) => id !== userId));
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    const token = this.#client.session?.token ?? "";
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProblemError && error.code === "invalid_token") this.#onExpired(token);
      throw error;
    }
  }
}
