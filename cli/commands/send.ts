import { type GlobalOptions, loggedIn } from "../context.ts";
import { remedyOf } from "../failures.ts";
import { checkMessageId, contentOf } from "../input.ts";
import { tellMissed } from "../missed-by.ts";
import { print, printError } from "../output.ts";
import { nameOf, type PlaceOptions, placeOf } from "../places.ts";
import { jsonLine } from "../text.ts";

export interface SendOptions extends GlobalOptions, PlaceOptions {
  readonly json?: boolean;
  readonly messageId?: string;
}

/** `gotalk send NAME [MESSAGE...]`. Sends the words, or else stdin. */
export const send = (name: string, words: readonly string[], options: SendOptions): Promise<void> =>
  sendText(name, words, options);

/** `gotalk reply NAME MESSAGE_ID [MESSAGE...]` */
export async function reply(name: string, about: string, words: readonly string[], options: SendOptions) {
  await sendText(name, words, options, checkMessageId(about));
}

/** @param about The `messageId` of the message that it replies to. */
async function sendText(name: string, args: readonly string[], options: SendOptions, about?: string): Promise<void> {
  const context = await loggedIn(options);
  const { client, notice, onRetry } = context;
  const content = await contentOf(args, notice);
  const place = await placeOf(context, name, options);
  let messageId = options.messageId ?? client.newMessageId();
  const onNewId = (newId: string) => {
    messageId = newId;
  };
  try {
    // An id that the user gives may have been tried before.
    const isNew = options.messageId === undefined;
    const text = { to: place.id, type: "text", about, content };
    const sent = await client.send({ ...text, messageId, onRetry, ...(isNew && { onNewId }) });
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
