import type { User } from "../../../lib/client/index.ts";
import { exportHistory, type HistoryFile } from "../history/exporting.ts";
import { type ImportReport, importHistory } from "../history/importing.ts";
import type { Watch } from "../history/progress.ts";
import type { Database } from "../storage/schema.ts";
import type { Tabs } from "./tabs.ts";

/** The history of this device, out into files and in from files. */
export class HistoryFiles {
  readonly #database: Database;
  readonly #user: User;
  readonly #tabs: Tabs;

  constructor(database: Database, user: User, tabs: Tabs) {
    this.#database = database;
    this.#user = user;
    this.#tabs = tabs;
  }

  /** As {@link exportHistory} does. */
  export(watch: Watch): Promise<HistoryFile | undefined> {
    return exportHistory(this.#database, this.#user, watch);
  }

  /** As {@link importHistory} does, and then shows the result in all tabs. */
  async import(file: Blob, watch: Watch): Promise<ImportReport> {
    const report = await importHistory(this.#database, this.#user.id, file, watch);
    this.#tabs.emit({ type: "changed", isImport: true });
    return report;
  }
}
