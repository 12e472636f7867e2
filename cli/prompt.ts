import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import { Interrupted } from "./signals.ts";
import { suspendable } from "./suspension.ts";

/** Swallows readline's echo. */
const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * Asks on stderr, since stdout is for data. A hidden answer is not shown while it is typed.
 *
 * The libraries for this end after Ctrl-Z and `fg`. The rest of the password then goes to the shell, which shows it and
 * keeps it in its history.
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
  // A hidden answer does not show its Enter either.
  let endsLine = false;
  const answer = new Promise<string>((resolve, reject) => {
    lines.once("line", (line) => {
      endsLine = !isHidden;
      resolve(line);
    });
    // On a terminal Ctrl-C is a key, not a signal.
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
