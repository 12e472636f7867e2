import { signal } from "@preact/signals";
import {
  Client,
  type ListedDevice,
  type ListedSession,
  ProblemError,
  type Session,
  type User,
} from "../../../lib/client/index.ts";
import type { Tabs } from "./tabs.ts";

/** The person's own account. Every call throws what the client throws. */
export class OwnAccount {
  /**
   * The users that the person has blocked, by id, as far as this tab knows. Undefined until {@link loadBlocked} has
   * asked.
   */
  readonly blocked = signal<ReadonlyMap<string, User> | undefined>(undefined);
  readonly #client: Client;
  readonly #tabs: Tabs;
  readonly #onExpired: (token: string) => void;

  constructor(session: Session, tabs: Tabs, onExpired: (token: string) => void) {
    this.#client = new Client({ url: "", session, retry: { giveUpAfter: 8_000 } });
    this.#tabs = tabs;
    this.#onExpired = onExpired;
    tabs.listen((event) => {
      if (event.type === "blocked") this.blocked.value = new Map(event.users.map((user) => [user.id, user]));
    });
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
    this.#tabs.emit({ type: "blocked", users });
  }

  /** The users that the person has blocked. Asks the server once. */
  async knowBlocked(): Promise<ReadonlyMap<string, User>> {
    if (this.blocked.value === undefined) await this.loadBlocked();
    return this.blocked.value ?? new Map();
  }

  /** Whether the person has blocked a user, as far as this tab knows. */
  isBlocked(userId: string): boolean {
    return this.blocked.value?.has(userId) === true;
  }

  async block(user: User): Promise<void> {
    await this.#call(() => this.#client.block(user.id));
    await this.#changeBlocked((others) => [...others, user], user.id);
  }

  async unblock(userId: string): Promise<void> {
    await this.#call(() => this.#client.unblock(userId));
    await this.#changeBlocked((others) => others, userId);
  }

  /** All tabs have the whole list, or none. */
  async #changeBlocked(to: (others: readonly User[]) => readonly User[], userId: string): Promise<void> {
    const known = this.blocked.value;
    if (known === undefined) return this.loadBlocked();
    this.#tabs.emit({ type: "blocked", users: to([...known.values()].filter(({ id }) => id !== userId)) });
  }

  /** Asks the server with the session as it is. */
  ask<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return this.#call(() => work(this.#client));
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
