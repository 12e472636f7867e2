import { signal } from "@preact/signals";
import { Client, type ListedSession, ProblemError, type Session, type User } from "../../../lib/client/index.ts";

/** The person's own account. Every call throws what the client throws. */
export class OwnAccount {
  /**
   * The users that the person has blocked, by id, as far as this tab knows. Undefined until {@link loadBlocked} has
   * asked.
   */
  readonly blocked = signal<ReadonlyMap<string, User> | undefined>(undefined);
  readonly #client: Client;
  readonly #onExpired: () => void;

  constructor(session: Session, onExpired: () => void) {
    this.#client = new Client({ url: "", session, retry: { giveUpAfter: 8_000 } });
    this.#onExpired = onExpired;
  }

  changePassword(password: string, newPassword: string): Promise<void> {
    return this.#call(() => this.#client.changePassword({ password, newPassword }));
  }

  sessions(): Promise<readonly ListedSession[]> {
    return this.#call(() => this.#client.sessions());
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
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProblemError && error.code === "invalid_token") this.#onExpired();
      throw error;
    }
  }
}
