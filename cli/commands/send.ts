import { type Outgoing, ProblemError, type Sent } from "../../lib/client/index.ts";
import { type GlobalOptions, type LoggedIn, loggedIn } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { CliError, remedyOf } from "../failures.ts";
import { checkMessageId, contentOf } from "../input.ts";
import { tellMissed } from "../missed-by.ts";
import { print, printError } from "../output.ts";
import { nameOf, type Place, type PlaceOptions, placeOf } from "../places.ts";
import { openFile } from "../sent-file.ts";
import { jsonLine } from "../text.ts";

export interface SendOptions extends GlobalOptions, PlaceOptions {
  readonly json?: boolean;
  readonly messageId?: string;
  /** The path of a file that is sent in place of a text. */
  readonly file?: string;
}

/** `gotalk send NAME [MESSAGE...]`. Sends the words, or a file, or else stdin. */
export async function send(name: string, words: readonly string[], options: SendOptions): Promise<void> {
  const path = filePathIn(words, options);
  const context = await loggedIn(options);
  if (path === undefined) return sendText(context, name, words, options);
  const { client, onRetry } = context;
  const { file, ...details } = await openFile(path);
  const place = await placeOf(context, name, options);
  const content = JSON.stringify(await client.uploadFile(file, { ...details, onRetry }));
  await sendTo(context, place, options, (message) =>
    client.send({ ...message, type: "file", content }).catch(refuseReuse),
  );
}

/** A repeat of a file is another upload, so the server takes it for another content under the same id. */
function refuseReuse(error: unknown): never {
  if (!(error instanceof ProblemError && error.code === "message_id_reused")) throw error;
  throw new CliError(
    EXIT.failure,
    "You have sent a message with this id already. If it was this file, it has arrived.",
  );
}

/** `gotalk reply NAME MESSAGE_ID [MESSAGE...]` */
export async function reply(name: string, about: string, words: readonly string[], options: SendOptions) {
  await sendText(await loggedIn(options), name, words, options, checkMessageId(about));
}

/**
 * The words after the name are a text, also if they begin with a dash. The one exception is `--file PATH` and nothing else, which
 * people write there.
 */
function filePathIn(words: readonly string[], { file }: SendOptions): string | undefined {
  const [first, path] = words;
  if (file === undefined) return first === "--file" && words.length === 2 ? path : undefined;
  if (words.length === 0) return file;
  throw new CliError(EXIT.usage, "A file is sent without a text. Send the text as a message of its own.");
}

/** @param about The `messageId` of the message that it replies to. */
async function sendText(
  context: LoggedIn,
  name: string,
  args: readonly string[],
  options: SendOptions,
  about?: string,
): Promise<void> {
  const content = await contentOf(args, context.notice);
  const place = await placeOf(context, name, options);
  await sendTo(context, place, options, (message) => context.client.send({ ...message, type: "text", about, content }));
}

/** What every message is sent with. */
type Envelope = Pick<Outgoing, "to" | "onRetry" | "onNewId"> & { readonly messageId: string };

/** Sends a message, and tells what has become of it. */
async function sendTo(
  context: LoggedIn,
  place: Place,
  options: SendOptions,
  deliver: (envelope: Envelope) => Promise<Sent>,
): Promise<void> {
  const { client, notice, onRetry } = context;
  let messageId = options.messageId ?? client.newMessageId();
  const onNewId = (newId: string) => {
    messageId = newId;
  };
  try {
    // An id that the user gives may have been tried before.
    const isNew = options.messageId === undefined;
    const sent = await deliver({ to: place.id, messageId, onRetry, ...(isNew && { onNewId }) });
    notice(`Sent to ${nameOf(place)} as ${sent.messageId}.`);
    await tellMissed(context, place, sent);
    if (options.json) await print(jsonLine(sent));
  } catch (error) {
    const isIdGiven = options.messageId !== undefined;
    const remedy = remedyOf(error, { sendAgain: `--message-id ${messageId}`, isIdGiven });
    if (remedy !== undefined) printError(remedy);
    throw error;
  }
}
