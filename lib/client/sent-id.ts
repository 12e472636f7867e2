import { ProblemError } from "./errors.ts";
import { type MessageIds, wasNeverStored } from "./message-ids.ts";
import { isUncertain } from "./retry.ts";

/** The id of one message while it is being sent. */
export class SentId {
  current: string;
  readonly #messageIds: MessageIds;
  readonly #onNewId: ((messageId: string) => void | Promise<void>) | undefined;
  #mayRenew: boolean;
  #mayHaveArrived = false;

  /**
   * @param given The caller's own id. It may have been tried before, unless there is an `onNewId`.
   * @param onNewId Called, and waited for, before a new id is used.
   */
  constructor(
    messageIds: MessageIds,
    given: string | undefined,
    onNewId: ((messageId: string) => void | Promise<void>) | undefined,
  ) {
    this.current = given ?? messageIds.next();
    this.#messageIds = messageIds;
    this.#onNewId = onNewId;
    this.#mayRenew = given === undefined || onNewId !== undefined;
  }

  /**
   * Makes a new id after a failed attempt, if the server has refused the time in the id and nothing can have been
   * stored under it.
   *
   * @returns whether there is a new id to be tried
   */
  async renew(error: unknown): Promise<boolean> {
    this.#mayHaveArrived ||= isUncertain(error);
    const serverTime = error instanceof ProblemError ? error.serverTime : undefined;
    if (serverTime === undefined) return false;
    this.#messageIds.correct(serverTime);
    if (!this.#mayRenew) return false;
    if (this.#mayHaveArrived && !wasNeverStored(this.current, serverTime)) return false;
    // Once: a server that refuses the new id as well refuses any.
    this.#mayRenew = false;
    this.current = this.#messageIds.next();
    await this.#onNewId?.(this.current);
    return true;
  }
}
