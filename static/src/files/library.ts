import { type Signal, signal } from "@preact/signals";
import { readFileContent } from "../../../lib/client/index.ts";
import { inBackground } from "../chat/background.ts";
import type { FileHost } from "../chat/fileHost.ts";
import { contentOf } from "../storage/content.ts";
import { type Bringer, keep, sweep, sweepUploads } from "../storage/files.ts";
import { discard, keyOf } from "./voice/recordings.ts";
import { explainFile, isLost } from "./words.ts";

/** What this tab has of a file. */
export interface Held {
  /** `asked`: it is not known yet whether it is on this device. `lost`: no attempt can bring it. */
  readonly state: "asked" | "absent" | "loading" | "here" | "failed" | "lost";
  readonly blob?: Blob;
  /** How much is loaded, from 0 to 1. */
  readonly part?: number;
  /** Why it could not be loaded, in words for people. */
  readonly problem?: string;
}

const ASKED: Held = { state: "asked" };
const DAMAGED = "This file cannot be read: its message is damaged.";

const libraries = new WeakMap<FileHost, FileLibrary>();

/** The files of a chat. */
export function libraryOf(host: FileHost): FileLibrary {
  const library = libraries.get(host) ?? new FileLibrary(host);
  libraries.set(host, library);
  return library;
}

/** The contents of files: what this device keeps, and what it fetches. */
export class FileLibrary {
  readonly #host: FileHost;
  readonly #held = new Map<string, Signal<Held>>();
  readonly #loading = new Map<string, AbortController>();
  /** By the `sequence` of messages in the outbox: how much is uploaded. */
  readonly #uploaded = new Map<number, Signal<number>>();

  constructor(host: FileHost) {
    this.#host = host;
    inBackground(sweep(host.database));
    host.tabs.listen((event) => {
      if (event.type === "upload") this.uploaded(event.sequence).value = event.part;
      if (event.type === "deleted") discard(keyOf(host.ownId, event.peerId));
      const isDeletion =
        event.type === "stored" && event.messages.some(({ deleted, deletedHere }) => deleted || deletedHere);
      if (isDeletion || event.type === "deleted") inBackground(sweep(host.database));
      // A message of the outbox may be gone.
      else if (event.type === "queued") inBackground(sweepUploads(host.database));
    });
  }

  /** What is here of a file. @param key Its `fileId`, or the `upload` of its message. */
  held(key: string): Signal<Held> {
    const known = this.#held.get(key) ?? signal(ASKED);
    this.#held.set(key, known);
    return known;
  }

  /** How much of a file of the outbox is uploaded, from 0 to 1. */
  uploaded(sequence: number): Signal<number> {
    const known = this.#uploaded.get(sequence) ?? signal(0);
    this.#uploaded.set(sequence, known);
    return known;
  }

  /** Looks whether a file is kept on this device. Asks nobody else. */
  async findKept(key: string): Promise<void> {
    const held = this.held(key);
    if (held.value !== ASKED) return;
    const blob = await contentOf(this.#host.database, key).catch(() => undefined);
    if (held.value === ASKED) held.value = blob === undefined ? { state: "absent" } : { state: "here", blob };
  }

  /** Fetches a file and keeps it. Never rejects: what becomes of it is in {@link held}. */
  async fetch(content: string, bringer: Bringer): Promise<void> {
    const file = readFileContent(content);
    if (file === undefined) return;
    const { database, client } = this.#host;
    const held = this.held(file.fileId);
    if (held.value.state === "loading" || held.value.state === "here") return;
    const life = new AbortController();
    this.#loading.set(file.fileId, life);
    held.value = { state: "loading", part: 0 };
    try {
      const blob = await client.fetchFile(file, {
        signal: life.signal,
        onProgress: (done, total) => {
          held.value = { state: "loading", part: total === 0 ? 1 : done / total };
        },
      });
      held.value = { state: "here", blob };
      // Without room for it, it is here as long as the tab.
      await keep(database, file.fileId, blob, bringer).catch(() => undefined);
    } catch (error) {
      if (life.signal.aborted) held.value = { state: "absent" };
      else held.value = { state: isLost(error) ? "lost" : "failed", problem: explainFile(error) };
    } finally {
      this.#loading.delete(file.fileId);
    }
  }

  /** Stops fetching a file. */
  stop(key: string): void {
    this.#loading.get(key)?.abort();
  }
}

/** What there is of a file whose message cannot be read. */
export const damaged: Held = { state: "lost", problem: DAMAGED };
