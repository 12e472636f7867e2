import type { Client, FoldedConversation, User } from "../../../lib/client/index.ts";
import { heldSettings } from "../storage/held-settings.ts";
import { enqueue } from "../storage/outbox.ts";
import type { Database } from "../storage/schema.ts";
import type { Tabs } from "./tabs.ts";

/** What {@link Introductions} need. */
interface IntroductionsHost {
  readonly client: Pick<Client, "newMessageId" | "session">;
  readonly database: Database;
  readonly user: User;
  readonly tabs: Tabs;
}

/**
 * Tells a new device of the user which settings hold, and whom the user knows. It begins without a history: it would tell what
 * was read although the user hides that, and would take all people for strangers. The new device asks by an `own` message, and
 * the others answer by such messages.
 */
export class Introductions {
  readonly #host: IntroductionsHost;
  /** The message of the last question that was there before. */
  #known: Promise<string | undefined>;

  constructor(host: IntroductionsHost) {
    this.#host = host;
    this.#known = host.database.get("folded", host.user.id).then(questionIn, () => undefined);
  }

  /** Answers a question of another device, once. @param own What the devices have said, with the question. */
  async answer(own: FoldedConversation): Promise<void> {
    const known = await this.#known;
    const question = questionIn(own);
    this.#known = Promise.resolve(question);
    if (question === known || own.own?.["asksAs"]?.value === this.#host.client.session?.deviceId) return;
    const { client, database, user, tabs } = this.#host;
    for (const content of await heldSettings(database, user.id)) {
      const messageId = client.newMessageId();
      const message = await enqueue(database, { peerId: user.id, type: "own", content, messageId }, []);
      tabs.emit({ type: "queued", message });
    }
  }
}

const questionIn = (own: FoldedConversation | undefined): string | undefined => own?.own?.["asksAs"]?.messageId;
