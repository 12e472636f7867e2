import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import { Interrupted } from "./signals.ts";
import { suspendable } from "./suspension.ts";

/** Takes what readline echoes. */
const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * Asks on stderr, as stdout is for data. What is typed of a hidden answer is not shown.
 *
 * The libraries for this end after Ctrl-Z and `fg`, and the rest of the password is typed into the shell, which shows it
 * and keeps it in its history.
 *
 * @throws Interrupted for Ctrl-C
 * @throws CliError for Ctrl-D
 */
export function ask(prompt: string, isHidden: boolean): Promise<string> {
  const lines = createInterface({
    input: process.stdin,
    output: isHidden ? nowhere() : process.stderr,
    terminal: true,
    historySize: 0,
    prompt: isHidden ? "" : `${prompt} `,
  });
  const show = (): void => {
    if (isHidden) process.stderr.write(`${prompt} `);
    lines.prompt(true);
  };
  // Where nothing is shown, Enter is not either.
  let endsLine = false;
  const answer = new Promise<string>((resolve, reject) => {
    lines.once("line", (line) => {
      endsLine = !isHidden;
      resolve(line);
    });
    // On a terminal Ctrl-C is a key, and no signal.
    lines.once("SIGINT", () => reject(new Interrupted()));
    lines.once("close", () => reject(new CliError(EXIT.failure, "Nothing was entered.")));
  });
  suspendable(lines, show);
  show();
  return answer.finally(() => {
    lines.close();
    if (!endsLine) process.stderr.write("\n");
  });
}
