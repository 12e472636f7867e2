import { type GlobalOptions, loggedIn } from "../context.ts";
import { remedyOf } from "../failures.ts";
import { checkContent, readContent } from "../input.ts";
import { print, printError } from "../output.ts";
import { jsonLine } from "../text.ts";
import { withoutMark } from "../utf8.ts";

export interface SendOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly messageId?: string;
}

/**
 * The words after the name are the text. A leading `--`, which earlier versions needed for a text with a dash, is
 * dropped.
 */
const textOf = (words: readonly string[]): readonly string[] =>
  words[0] === "--" && words.length > 1 ? words.slice(1) : words;

/** `gotalk send NAME [MESSAGE...]`. Sends the words, or else stdin. */
export async function send(name: string, args: readonly string[], options: SendOptions): Promise<void> {
  const { client, notice, onRetry } = await loggedIn(options);
  const words = textOf(args);
  if (words.length === 0 && process.stdin.isTTY) notice("Write the message. Ctrl-D at the start of a line sends it.");
  const content = words.length > 0 ? withoutMark(words.join(" ")) : await readContent();
  checkContent(content);
  const { id } = await client.find(name, { onRetry });
  let messageId = options.messageId ?? client.newMessageId();
  const onNewId = (newId: string) => {
    messageId = newId;
  };
  try {
    // An id that the user gives may have been tried before.
    const isNew = options.messageId === undefined;
    const sent = await client.send({ to: id, content, messageId, onRetry, ...(isNew && { onNewId }) });
    notice(`Sent to ${name}.`);
    if (options.json) await print(jsonLine(sent));
  } catch (error) {
    const isIdGiven = options.messageId !== undefined;
    const remedy = remedyOf(error, { sendAgain: `--message-id ${messageId}`, isIdGiven });
    if (remedy !== undefined) printError(remedy);
    throw error;
  }
}
