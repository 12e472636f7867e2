import { signal } from "@preact/signals";
import {
  type Client,
  isPersonal,
  type ListedDevice,
  retrying,
  type Session,
  steadily,
} from "../../../lib/client/index.ts";
import { inboxState } from "../storage/batches.ts";
import { storeBeginning, storedNotice, storeNotice } from "../storage/notices.ts";
import type { HistoryNotice } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { nameInSentence } from "../text/devices.ts";
import { isExpiry } from "./explain.ts";
import type { Tabs } from "./tabs.ts";

/** Milliseconds until the next attempt to ask for the other devices, or to store what the person is to know. */
const PAUSE = 15_000;

/** Tells the person, in all tabs, what they have to know of this device's history, until they have seen it. */
export class Notices {
  /** What the page shows. */
  readonly current = signal<HistoryNotice | undefined>(undefined);
  readonly #database: Database;
  readonly #tabs: Tabs;

  constructor(database: Database, tabs: Tabs) {
    this.#database = database;
    this.#tabs = tabs;
    tabs.listen((event) => {
      if (event.type === "notice") this.#show(event.notice);
    });
  }

  /** Shows what is stored. */
  async load(): Promise<void> {
    this.#show(await storedNotice(this.#database));
  }

  /** Stores what the person is to know, and shows it. */
  async tell(notice: HistoryNotice | undefined): Promise<void> {
    await storeNotice(this.#database, notice);
    this.#tabs.emit({ type: "notice", notice });
  }

  /** The person has seen it. */
  dismiss(): Promise<void> {
    return this.tell(undefined);
  }

  /**
   * Finds out whether the history of this browser is whole. Its first step is to be done before the device receives
   * anything: from then on nothing shows that it is a new one.
   *
   * @returns the rest, to be run beside other work: it asks the server for the other devices, until it knows
   */
  async check(client: Client): Promise<(signal: AbortSignal) => Promise<void>> {
    const { session } = client;
    const inbox = await inboxState(this.#database);
    const isNew = isPersonal(session?.deviceId) && !goesOn(session, inbox?.deviceId);
    if (isNew) {
      await storeBeginning(this.#database, { deviceId: session?.deviceId ?? "", messageId: client.newMessageId() });
    }
    const known = await storedNotice(this.#database);
    const notice: HistoryNotice | undefined = isNew ? { what: inbox === undefined ? "begins" : "gap" } : known;
    if (notice === undefined || notice.others !== undefined) return async () => undefined;
    await storeNotice(this.#database, notice);
    return (signal) => this.#complete(notice, client, session?.mayHaveGap === true, signal);
  }

  async #complete(notice: HistoryNotice, client: Client, mayHaveGap: boolean, signal: AbortSignal): Promise<void> {
    const attempt = async () => {
      const others = (await client.devices({ signal })).filter(({ current }) => !current);
      await this.tell(
        isWhole(notice, others, mayHaveGap) ? undefined : { ...notice, others: others.map(nameInSentence) },
      );
    };
    const policy = steadily(PAUSE, ({ error }) => !signal.aborted && !isExpiry(error));
    // It fails only where nobody needs the answer any more.
    await retrying(attempt, { policy, signal }).catch(() => undefined);
  }

  #show(notice: HistoryNotice | undefined): void {
    this.current.value = notice?.others === undefined ? undefined : notice;
  }
}

/** Whether a session's device gets what came since another one, or the same, has stored its last messages here. */
const goesOn = ({ deviceId, continuedDeviceId }: Session, before: string | undefined): boolean =>
  before !== undefined && (before === deviceId || before === continuedDeviceId);

/**
 * Whether nothing is missing here. Messages went elsewhere if there are other devices. Without others they still may
 * have: to a device that has come and gone while this browser was logged out.
 */
const isWhole = ({ what }: HistoryNotice, others: readonly ListedDevice[], mayHaveGap: boolean): boolean =>
  others.length === 0 && !(what === "gap" && mayHaveGap);
