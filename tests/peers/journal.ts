import { DatabaseSync } from "node:sqlite";

/** A message as a receiver processed it. */
export interface Taken {
  readonly content: string;
  /** Its protocol marked it: it may have come before. */
  readonly flagged: boolean;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  CREATE TABLE IF NOT EXISTS taken (number INTEGER PRIMARY KEY, content TEXT NOT NULL, flagged INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
`;

/**
 * What a receiver keeps over its own death: the messages that it processed, and where it stands in its protocol. A
 * transaction outlives `kill -9`, which is why nothing needs to wait for the disk.
 */
export class Journal {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(SCHEMA);
  }

  /** Processes a message, and saves what `beside` saves in the same transaction. */
  take({ content, flagged }: Taken, beside: () => void = () => {}): void {
    this.#database.exec("BEGIN");
    this.#database.prepare("INSERT INTO taken (content, flagged) VALUES (?, ?)").run(content, Number(flagged));
    beside();
    this.#database.exec("COMMIT");
  }

  /** Saves a JSON value under a name, in the place of the one before. */
  save(name: string, value: unknown): void {
    this.#database.prepare("INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)").run(name, JSON.stringify(value));
  }

  /** The value that was saved last under this name. */
  saved<Value>(name: string): Value | undefined {
    const row = this.#database.prepare("SELECT value FROM state WHERE name = ?").get(name);
    return row === undefined ? undefined : (JSON.parse(String(row["value"])) as Value);
  }

  delete(name: string): void {
    this.#database.prepare("DELETE FROM state WHERE name = ?").run(name);
  }

  get count(): number {
    return Number(this.#database.prepare("SELECT count(*) AS count FROM taken").get()?.["count"]);
  }

  /** Everything that was processed, in that order. */
  get taken(): Taken[] {
    const rows = this.#database.prepare("SELECT content, flagged FROM taken ORDER BY number").all();
    return rows.map(({ content, flagged }) => ({ content: String(content), flagged: flagged === 1 }));
  }

  close(): void {
    this.#database.close();
  }
}
