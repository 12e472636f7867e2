import { withTexts } from "../contract/json.ts";
import type { Success } from "./answer.ts";
import { envelopeOf } from "./envelope.ts";
import type { MessageIds } from "./message-ids.ts";
import { identified, type Sent } from "./model.ts";
import type { Outgoing } from "./options.ts";
import type { OwnCalls } from "./own-calls.ts";
import { SentId } from "./sent-id.ts";

const readSent = withTexts<Sent>("messageId", "sentAt", "status");

/** Sends messages, to users and groups. */
export class Sending {
  readonly #own: OwnCalls;
  readonly #messageIds: MessageIds;

  constructor(own: OwnCalls, messageIds: MessageIds) {
    this.#own = own;
    this.#messageIds = messageIds;
  }

  /**
   * Makes a new message's id: a UUIDv7 by the server's time, as far as an answer has told it. Make it before the first
   * attempt, and store it with the message if the message must outlive this process.
   *
   * @param after The greatest id of what the message replaces: the last edit of a text, the user's own reaction, a setting of an
   * `own` message. Of these only the message with the greatest id counts, and the known one may come from a better clock.
   * @example
   * ```ts
   * const { id: to } = await client.find("alice");
   * const messageId = client.newMessageId();
   * await client.send({ to, content: "Hello, Alice!", messageId });
   * await client.send({ to, content: "Hello, Alice!", messageId }); // arrives once all the same
   * ```
   */
  newMessageId(after?: string): string {
    return this.#messageIds.next(after);
  }

  /**
   * Sends a message. Every attempt bears the same `messageId`, the idempotency key: the message arrives once, however
   * many answers are lost. After a failure that is not final it may have arrived. Then send it again with its
   * `messageId`, see {@link newMessageId}.
   *
   * If the server refuses the time in the id, it has stored nothing, and the client sends the message under a new id.
   * It does not if an earlier attempt under the id may have arrived, or if the id is your own and there is no
   * `onNewId`.
   *
   * @returns `sentAt` is the time of this answer. If you repeat a message that was answered before, keep the first
   * time.
   * @throws ProblemError `message_id_time` (400): the server refuses the time in the id. If the message was tried
   * before, nobody knows whether it has arrived
   * @throws ProblemError `unknown_receiver` (404), `blocked` (403), `too_large` (413)
   * @example
   * ```ts
   * const { id } = await client.find("alice");
   * const { sentAt } = await client.send({ to: id, content: "Hello, Alice!" });
   * ```
   * @example A text that the page shows as delivered and read, and a correction:
   * ```ts
   * const { id: to } = await client.find("alice");
   * const { messageId } = await client.send({ to, type: "text", content: "At nine." });
   * await client.send({ to, type: "edit", about: messageId, content: "At ten." });
   * ```
   */
  async send({ messageId, onNewId, ...outgoing }: Outgoing): Promise<Sent> {
    const { token, id } = this.#own.session;
    const { fields, options } = envelopeOf(outgoing);
    const sentId = new SentId(this.#messageIds, messageId, onNewId);
    const attempt = () => {
      const { current } = sentId;
      const body = { id, ...fields, messageId: current };
      const stored: Success<Sent> = { success: 202, read: identified(current, readSent) };
      // A page that is closed may still tell what was read.
      const call = { method: "POST", path: "/send", token, body, keepalive: fields.quiet === true, ...stored } as const;
      return this.#own.calls.once(call, options.signal);
    };
    return this.#own.calls.retrying(async () => {
      try {
        return await attempt();
      } catch (error) {
        if (await sentId.renew(error)) return attempt();
        throw error;
      }
    }, options);
  }
}
