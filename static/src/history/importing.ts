import type { Said } from "../../../lib/client/index.ts";
import { type Brought, storeImported } from "../storage/imported.ts";
import type { StoredMessage } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { type Line, MOST_PEOPLE, type Person, readLine } from "./format.ts";
import { linesOf } from "./lines.ts";
import type { Watch } from "./progress.ts";

/** Lines that are stored together. Between two batches the page does other work. */
const BATCH = 200;

/** What has become of a file's lines. */
export interface ImportReport {
  /** Messages that are new here. */
  readonly added: number;
  /** Messages that were here already, or are in the file twice. */
  readonly known: number;
  /** Messages that were here already, and have changed by it. None by a file: see {@link Storing}. */
  readonly changed: number;
  /** Lines that could not be read. */
  readonly damaged: number;
  /** The first of them, counted from 1. */
  readonly firstDamaged: number | undefined;
  /** Lines of people beyond the {@link MOST_PEOPLE} that a file may bring. */
  readonly leftOut: number;
  /**
   * How it ended. `cut`: the file's last line is missing. `stopped`: by the person. `refused`: the file is not for this
   * user and this version of the page. `failed`: the file could not be read any more, or the messages not be stored.
   */
  readonly end:
    | { readonly kind: "whole" | "cut" | "stopped" }
    | { readonly kind: "refused"; readonly reason: Refusal }
    | { readonly kind: "failed"; readonly error: unknown };
}

/** Why a file is refused. `username`: whose history it has. */
export type Refusal =
  | { readonly kind: "empty" | "foreign" | "newer" }
  | { readonly kind: "other user"; readonly username: string };

/** Stores a part of a history, all or nothing. @returns how many messages were new, and how many of the known ones have changed */
export type Storing = (
  database: Database,
  ownId: string,
  part: Brought,
) => Promise<Pick<ImportReport, "added" | "changed">>;

/** Keeps what is here as it is: anybody may have written the file. */
const storeFile: Storing = async (database, ownId, part) => {
  const { messages } = await storeImported(database, ownId, part);
  return { added: messages.length, changed: 0 };
};

/**
 * Adds the history in a file to what is stored. It is stored in batches, each all or nothing: an import that ends early
 * leaves whole batches, and another import of the file adds the rest.
 *
 * @param store How a batch is stored. Default: as that of a file that may come from anybody.
 */
export async function importHistory(
  database: Database,
  ownId: string,
  file: Pick<Blob, "size" | "stream">,
  watch: Watch,
  store = storeFile,
): Promise<ImportReport> {
  const work = new Import((part) => store(database, ownId, part), ownId);
  const end = await work.run(file, watch).catch((error: unknown) => ({ kind: "failed", error }) as const);
  const { added, known, changed, damaged, firstDamaged, leftOut } = work;
  return { added, known, changed, damaged, firstDamaged, leftOut, end };
}

class Import {
  added = 0;
  known = 0;
  changed = 0;
  damaged = 0;
  firstDamaged: number | undefined;
  leftOut = 0;
  readonly #storing: (part: Brought) => ReturnType<Storing>;
  readonly #ownId: string;
  /** The ids of all people in the file so far. */
  readonly #peers = new Set<string>();
  #people: Person[] = [];
  #messages: StoredMessage[] = [];
  #said: Said[] = [];
  /** The number of the line, counted from 1. */
  #number = 0;
  #hasHeader = false;
  /** Whether the file ends here as it should. */
  #isWhole = false;
  /** Lines since the last batch. */
  #lines = 0;

  constructor(storing: (part: Brought) => ReturnType<Storing>, ownId: string) {
    this.#storing = storing;
    this.#ownId = ownId;
  }

  async run(file: Pick<Blob, "size" | "stream">, { signal, onProgress }: Watch): Promise<ImportReport["end"]> {
    for await (const { text, read } of linesOf(file)) {
      if (signal.aborted) return { kind: "stopped" };
      this.#number++;
      if (text?.trim() === "") continue;
      const reason = this.#add(text === undefined ? undefined : readLine(text, this.#ownId));
      if (reason !== undefined) return { kind: "refused", reason };
      if (this.#lines < BATCH) continue;
      await this.#store();
      onProgress(read / file.size);
    }
    if (!this.#hasHeader) return { kind: "refused", reason: { kind: "empty" } };
    await this.#store();
    return { kind: this.#isWhole ? "whole" : "cut" };
  }

  /** @returns why the file is refused, if it is */
  #add(line: Line | undefined): Refusal | undefined {
    if (!this.#hasHeader || line?.type === "header") {
      this.#hasHeader = true;
      return refusalOf(line, this.#ownId);
    }
    this.#lines++;
    this.#isWhole = line?.type === "end";
    if (line === undefined) {
      this.damaged++;
      this.firstDamaged ??= this.#number;
    } else if (line.type === "conversation") {
      if (this.#isTaken(line)) this.#people.push(line);
    } else if (line.type === "message") {
      if (this.#isTaken({ peerId: line.message.conversationId })) this.#messages.push(line.message);
    } else if (line.type === "said") this.#said.push(line.said);
    return undefined;
  }

  /** Whether the person may still come with this file. Counts the line if not. */
  #isTaken({ peerId }: Pick<Person, "peerId">): boolean {
    if (this.#peers.size < MOST_PEOPLE) this.#peers.add(peerId);
    const isTaken = this.#peers.has(peerId);
    if (!isTaken) this.leftOut++;
    return isTaken;
  }

  async #store(): Promise<void> {
    const [people, messages, said] = [this.#people, this.#messages, this.#said];
    this.#people = [];
    this.#messages = [];
    this.#said = [];
    this.#lines = 0;
    const { added, changed } = await this.#storing({ people, messages, said });
    this.added += added;
    this.known += messages.length - added;
    this.changed += changed;
  }
}

/** Says why the file with this header is not taken. */
function refusalOf(line: Line | undefined, ownId: string): Refusal | undefined {
  if (line?.type !== "header") return { kind: "foreign" };
  if (line.isNewer) return { kind: "newer" };
  return line.userId === ownId ? undefined : { kind: "other user", username: line.username };
}
