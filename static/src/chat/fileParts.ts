import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { Client, User } from "../../../lib/client/index.ts";
import type { QueuedMessage, StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { loadPart } from "./loading.ts";
import type { Tabs } from "./tabs.ts";
import type { Timeline } from "./timeline.ts";

/** What uploads need. */
export interface UploadHost {
  readonly client: Pick<Client, "uploadFile">;
  readonly database: Database;
  readonly tabs: Tabs;
  readonly user: User;
  /** Of the work of this tab as the leader. */
  readonly signal: AbortSignal;
}

/** What sends and shows files. */
export interface FileParts {
  /** The button that chooses files. */
  readonly Attach: ComponentType;
  /** The button that records a voice message, or what it records. `isOver`: nothing can be written here. */
  readonly Voice: ComponentType<{ readonly peerId: string; readonly isOver: boolean }>;
  /** The file of a message. `id`: of the message in the history. */
  readonly FileBody: ComponentType<{ readonly id: string; readonly message: StoredMessage | QueuedMessage }>;
  /** What is open about files of a conversation. */
  readonly FileDialogs: ComponentType<{ readonly timeline: Timeline; readonly name: string }>;
  /** How much room the files take that this device keeps. */
  readonly KeptFiles: ComponentType<{ onClose(): void }>;
  /** Uploads the files of the outbox, unless that is going on. */
  uploadAll(host: UploadHost): void;
}

/** Undefined while it is not there; null: it did not load, and the next conversation tries again. */
export const fileParts = signal<FileParts | null | undefined>(undefined);

/** Loads the parts, as {@link setFileParts} has said. */
export let loadFiles: () => Promise<FileParts>;

/** Sets where the parts come from: they need what is here, and so cannot be imported here. */
export function setFileParts(source: () => Promise<FileParts>): void {
  loadFiles = () => loadPart(source);
}

/** Loads them for all that shows them. Never rejects. */
export async function loadFileParts(): Promise<void> {
  fileParts.value = await loadFiles().catch(() => null);
}
