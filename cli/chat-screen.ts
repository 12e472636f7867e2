import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import { coloured, hasColours } from "./colours.ts";
import { widthOfTerminal, wrap } from "./columns.ts";
import { linesOf } from "./lines.ts";
import { suspendable } from "./suspension.ts";

const PROMPT = "> ";

/** Keys that end the text that is being typed, or the chat. */
const LAST_KEYS = new Set(["return", "enter", "ctrl-c", "ctrl-d", "ctrl-z"]);

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

/**
 * The lines that a person types, and what is shown meanwhile. On a terminal the text that is being typed stays below all that is
 * shown. What is piped is read line by line.
 */
export class ChatScreen {
  readonly lines: Interface;
  #isOpen = true;
  /** A line above the text that is being typed. Empty: there is none. */
  #status = "";

  /** @param interrupt Called for Ctrl-C, which is a key on a terminal, and not a signal. */
  constructor(interrupt: () => void) {
    this.lines = openLines();
    this.lines.on("SIGINT", interrupt);
    this.lines.once("close", () => {
      this.#isOpen = false;
    });
    if (!this.lines.terminal) return;
    // So that the shell's prompt begins in the first column.
    this.lines.once("close", () => process.stdout.write("\n"));
    suspendable(this.lines, () => this.#draw(this.#status, this.lines.getCursorPos().rows));
    // Before readline handles the key: what it leaves behind when a line ends stays on the screen.
    process.stdin.prependListener("keypress", (_, { name = "", ctrl = false }: Key) => {
      const isLast = LAST_KEYS.has(ctrl ? `ctrl-${name}` : name);
      if (isLast && this.#isOpen && this.lines.getPrompt() !== PROMPT) this.#draw("", this.#erase());
    });
  }

  /** The interface may close before its last lines are read. Then there is no prompt. */
  prompt(): void {
    if (!this.#isOpen) return;
    this.lines.setPrompt(this.#promptWith(this.#status));
    this.lines.prompt();
  }

  /** Calls back with each key that leaves a text on a terminal, which is not sent yet. */
  onTyping(typed: () => void): void {
    if (!this.lines.terminal) return;
    process.stdin.on("keypress", () => {
      if (this.#isOpen && this.lines.line.trim() !== "") typed();
    });
  }

  /** Shows a line above the text that is being typed, in place of the one before. A pipe is shown none. */
  setStatus(status: string): void {
    if (status === this.#status) return;
    this.#status = status;
    if (this.lines.terminal && this.#isOpen) this.#draw(status, this.#erase());
  }

  /** Lets something be printed over the text that is being typed, which may take several rows, and shows the text again below. */
  above<T>(print: () => T): T {
    if (!this.lines.terminal || !this.#isOpen) return print();
    // All at once, so that no key comes in between.
    const rows = this.#erase();
    const printed = print();
    this.#draw(this.#status, rows);
    return printed;
  }

  /** Removes the prompt and the text that is being typed. @returns the rows that were above the cursor */
  #erase(): number {
    const { rows } = this.lines.getCursorPos();
    moveCursor(process.stdout, 0, -rows);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
    return rows;
  }

  /**
   * Draws the prompt and the text that is being typed, from the row of the cursor on.
   *
   * @param rows Above the cursor when it was drawn before. readline goes up by as many, or fewer if the text was pasted.
   */
  #draw(status: string, rows: number): void {
    this.lines.setPrompt(this.#promptWith(status));
    process.stdout.write("\n".repeat(rows));
    this.lines.prompt(true);
  }

  /** The status is a part of the prompt: so readline knows how many rows there are. */
  #promptWith(status: string): string {
    if (!this.lines.terminal) return this.lines.getPrompt();
    if (status === "") return PROMPT;
    // A row that is full would take two rows on some terminals.
    const [row = ""] = wrap(status, Math.max(1, widthOfTerminal() - 1));
    return `${hasColours() ? coloured("dim", row) : row}\n${PROMPT}`;
  }
}

function openLines(): Interface {
  if (!process.stdin.isTTY) return linesOf(process.stdin);
  // If the cursor cannot move, the terminal itself edits the line.
  const terminal = Boolean(process.stdout.isTTY && process.env["TERM"] !== "dumb");
  return createInterface({
    input: process.stdin,
    terminal,
    prompt: terminal ? PROMPT : "",
    ...(terminal && { output: process.stdout }),
  });
}
