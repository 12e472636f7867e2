import type { Client } from "../../../lib/client/index.ts";
import type { Database } from "../storage/schema.ts";
import type { Tabs } from "./tabs.ts";

/** What files need of a chat. */
export interface FileHost {
  readonly database: Database;
  readonly client: Pick<Client, "fetchFile" | "newMessageId" | "session" | "uploadFile">;
  readonly tabs: Tabs;
  readonly ownId: string;
}
