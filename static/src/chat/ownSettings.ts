import { effect, signal } from "@preact/signals";
import type { OwnChange, Session } from "../../../lib/client/index.ts";
import type { OwnChanges } from "../storage/own-changes.ts";
import type { Database } from "../storage/schema.ts";
import { tellsRead, tellsReadIn } from "../storage/settings.ts";
import { inBackground } from "./background.ts";
import type { Notices } from "./notices.ts";
import type { Tabs } from "./tabs.ts";

interface OwnSettingsHost {
  readonly database: Database;
  readonly tabs: Tabs;
  readonly notices: Notices;
  /** Ends with the chat. */
  readonly life: AbortSignal;
  /** The session of now: it may be moved to another device. */
  session(): Session;
  tellOwn(changes: OwnChanges): Promise<void>;
}

/** What the person has set for all devices, and each of them agrees on by messages to the person. */
export class OwnSettings {
  /** The setting "Read receipts". */
  readonly tellsRead = signal(true);
  readonly #host: OwnSettingsHost;

  constructor(host: OwnSettingsHost) {
    this.#host = host;
    host.tabs.listen((event) => {
      if (event.type === "stored" && event.own !== undefined) this.tellsRead.value = tellsRead(event.own);
    });
  }

  /** Reads what is stored, and asks the other devices where this one begins without them. */
  start(): void {
    this.#host.life.addEventListener(
      "abort",
      effect(() => this.#askOthers()),
    );
    inBackground(this.#load());
  }

  /** Sets whether people are told what the person has read, and the person what they have, on all of the person's devices. */
  setTellsRead(tellsRead: boolean): Promise<void> {
    return this.#tell({ hidesRead: !tellsRead });
  }

  #tell(change: OwnChange): Promise<void> {
    return this.#host.tellOwn({ [this.#host.session().id]: change });
  }

  async #load(): Promise<void> {
    this.tellsRead.value = await tellsReadIn(this.#host.database, this.#host.session().id);
  }

  /** Once for each device. */
  #askOthers(): void {
    const { what, others = [] } = this.#host.notices.current.value ?? {};
    const { deviceId } = this.#host.session();
    const isNew = (what === "begins" || what === "gap") && others.length > 0;
    if (isNew && deviceId !== undefined) inBackground(this.#tell({ asksAs: deviceId }));
  }
}
