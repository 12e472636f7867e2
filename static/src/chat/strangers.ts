import { isGroupId } from "../../../lib/client/index.ts";
import { isStanding } from "../storage/records.ts";
import type { Mirror } from "./mirror.ts";
import type { OwnAccount } from "./ownAccount.ts";
import { isRequest } from "./requests.ts";

/** What {@link Strangers} needs. */
interface StrangersHost {
  readonly mirror: Mirror;
  readonly ownId: string;
  readonly account: Pick<OwnAccount, "blocked">;
}

/** What strangers, and people who are blocked, are not to know. */
export class Strangers {
  readonly #host: StrangersHost;

  constructor(host: StrangersHost) {
    this.#host = host;
  }

  /**
   * Whether a conversation is a stranger's request, to whom nothing goes back. An answer that was not sent yet changes nothing: it
   * may never go out.
   */
  isRequest(peerId: string): boolean {
    const conversation = this.#known.find((one) => one.peerId === peerId);
    return conversation !== undefined && isRequest(conversation);
  }

  /** Whether a request is still to be decided: no answer to it, which accepts it, is on its way. */
  isUndecided(peerId: string): boolean {
    return this.isRequest(peerId) && !this.#isAnswering(peerId);
  }

  /** Which of these conversations are requests. What is not known yet may be one. */
  async among(ids: readonly string[]): Promise<ReadonlySet<string>> {
    await this.#host.mirror.refreshed;
    const answered = this.#known.filter((one) => !isRequest(one)).map(({ peerId }) => peerId);
    return new Set(ids.filter((id) => !answered.includes(id)));
  }

  /** Whether the other side of a conversation may know that the user is typing. */
  mayHear(peerId: string): boolean {
    const { account, ownId } = this.#host;
    const settings = this.#known.find((one) => one.peerId === peerId)?.settings;
    // A group that an accepted person has added the user to is accepted by that.
    const isAccepted =
      settings?.isAccepted === true || (settings !== undefined && isGroupId(peerId) && !this.isRequest(peerId));
    // Nothing goes to a person before it is known whether they are blocked.
    const isUnblocked = isGroupId(peerId) || account.blocked.value?.has(peerId) === false;
    return isAccepted && isUnblocked && peerId !== ownId;
  }

  get #known() {
    return this.#host.mirror.conversations.value ?? [];
  }

  /** Whether an answer is on its way, which accepts a request. */
  #isAnswering(peerId: string): boolean {
    return this.#host.mirror.outbox.value.some((message) => message.peerId === peerId && isStanding(message));
  }
}
