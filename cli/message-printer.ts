import type { Message } from "../lib/client/index.ts";
import { hasColours } from "./colours.ts";
import { widthOfTerminal } from "./columns.ts";
import { print } from "./output.ts";
import { Quotes } from "./quotes.ts";
import { type LineFormat, messageLine } from "./text.ts";

type PrinterFormat = Pick<LineFormat, "isRaw" | "hasIds" | "here">;

/** Prints messages for people, to the width that the terminal has now. */
export class MessagePrinter {
  readonly #quotes: Quotes;
  readonly #format: PrinterFormat;

  /** @param ownId The user's own id. */
  constructor(ownId: string, format: PrinterFormat = {}) {
    this.#quotes = new Quotes(ownId);
    this.#format = format;
  }

  /** @param fileNote What stands behind the words about a file. */
  async print(message: Message, fileNote?: string): Promise<void> {
    const line = messageLine(message, {
      ...this.#format,
      fileNote,
      quotes: this.#quotes,
      columns: process.stdout.isTTY ? widthOfTerminal() : undefined,
      hasColours: hasColours(),
    });
    this.add(message);
    await print(line);
  }

  /** A message that is on the screen already. Others may be about it. */
  add(message: Message): void {
    this.#quotes.add(message);
  }
}
