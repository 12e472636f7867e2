import type { User } from "../../../lib/client/index.ts";
import { exportHistory, type HistoryFile } from "../history/exporting.ts";
import { type ImportReport, importHistory } from "../history/importing.ts";
import type { Watch } from "../history/progress.ts";
import { removeEmptyLines } from "../storage/empty-lines.ts";
import type { Database } from "../storage/schema.ts";
import { inBackground } from "./background.ts";
import type { Notices } from "./notices.ts";
import type { Tabs } from "./tabs.ts";

/** The history of this device, out into files and in from files. */
export class HistoryFiles {
  readonly #database: Database;
  readonly #user: User;
  readonly #tabs: Tabs;
  readonly #notices: Notices;

  constructor(database: Database, user: User, tabs: Tabs, notices: Notices) {
    this.#database = database;
    this.#user = user;
    this.#tabs = tabs;
    this.#notices = notices;
  }

  /** As {@link exportHistory} does. */
  export(watch: Watch): Promise<HistoryFile | undefined> {
    return exportHistory(this.#database, this.#user, watch);
  }

  /** As {@link importHistory} does, and then shows the result in all tabs. A whole import ends the word of a gap. */
  async import(file: Blob, watch: Watch): Promise<ImportReport> {
    const report = await importHistory(this.#database, this.#user.id, file, watch);
    if (report.end.kind !== "refused") await removeEmptyLines(this.#database);
    this.#tabs.emit({ type: "changed", isImport: true });
    // What it asks for is done.
    if (report.end.kind === "whole") inBackground(this.#notices.dismiss());
    return report;
  }
}
