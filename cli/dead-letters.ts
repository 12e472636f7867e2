import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Message } from "../lib/client/index.ts";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import { syncFolder } from "./sync-folder.ts";
import { jsonLine } from "./text.ts";

/** Why a message was given up. */
export interface DeadLetter {
  /** The reason in words. */
  readonly reason: string;
  /** How many attempts of the command were begun on this computer. */
  readonly attempts: number;
}

/**
 * The file of `--dead-letter`: a line of JSON for each message that was given up, as `receive --json` prints it, with
 * {@link DeadLetter} and the time as `deadLetter`. It is opened anew for each line, so that it may be rotated.
 */
export class DeadLetters {
  readonly file: string;

  /** @throws CliError when the file cannot be written, before any message is fetched */
  constructor(file: string) {
    this.file = resolve(file);
    this.#within(() => undefined);
  }

  /** Appends the message. It is on the disk when this returns. @throws CliError when it cannot be written */
  add(message: Message, { reason, attempts }: DeadLetter): void {
    const at = new Date().toISOString();
    const line = jsonLine({ ...message, deadLetter: { reason, attempts, at } });
    this.#within((descriptor) => {
      // A line that a crash or a full disk has cut off stays a line of its own.
      const bytes = Buffer.from(endsInLine(descriptor) ? line : `\n${line}`);
      if (writeSync(descriptor, bytes) < bytes.length) throw new Error("it could be written in part only");
      fsyncSync(descriptor);
    });
  }

  #within(work: (descriptor: number) => void): void {
    try {
      const descriptor = openSync(this.file, "a+", 0o600);
      try {
        if (!fstatSync(descriptor).isFile()) throw new Error("it is not a regular file");
        work(descriptor);
        // A new file must survive a power failure.
        syncFolder(dirname(this.file));
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CliError(
        EXIT.io,
        `${this.file} cannot be written: ${reason}. Nothing is lost: the messages stay on the server.`,
        {
          cause: error,
        },
      );
    }
  }
}

function endsInLine(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  return size === 0 || readSync(descriptor, last, 0, 1, size - 1) === 0 || last[0] === 0x0a;
}
