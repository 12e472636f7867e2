import type { Outgoing } from "../../lib/client/index.ts";
import { type GlobalOptions, type LoggedIn, loggedIn } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { CliError, REPEATABLE, withHint } from "../failures.ts";
import { checkMessageId, contentOf } from "../input.ts";
import { lastMark, saveMark } from "../last-mark.ts";
import { tellMissed } from "../missed-by.ts";
import { print } from "../output.ts";
import { nameOf, type PlaceOptions, placeOf } from "../places.ts";
import { jsonLine } from "../text.ts";

export interface MarkOptions extends GlobalOptions, PlaceOptions {
  readonly json?: boolean;
}

export interface ReactOptions extends MarkOptions {
  /** Whether the reaction is taken back. */
  readonly remove?: boolean;
}

/** `gotalk react NAME MESSAGE_ID EMOJI`, or with `--remove` in place of the emoji. */
export async function react(
  name: string,
  messageId: string,
  emoji: string | undefined,
  options: ReactOptions,
): Promise<void> {
  const about = checkMessageId(messageId);
  if ((emoji === undefined) !== (options.remove === true)) {
    throw new CliError(EXIT.usage, "Give an emoji, or --remove to take your reaction back.");
  }
  const content = emoji === undefined ? "" : emojiIn(emoji);
  await mark(await loggedIn(options), name, { type: "reaction", about, content }, options);
}

/** `gotalk edit NAME MESSAGE_ID [MESSAGE...]` */
export async function editMessage(
  name: string,
  messageId: string,
  words: readonly string[],
  options: MarkOptions,
): Promise<void> {
  const about = checkMessageId(messageId);
  const context = await loggedIn(options);
  await mark(context, name, { type: "edit", about, content: await contentOf(words, context.notice) }, options);
}

/** `gotalk delete NAME MESSAGE_ID` */
export async function deleteMessage(name: string, messageId: string, options: MarkOptions): Promise<void> {
  const about = checkMessageId(messageId);
  await mark(await loggedIn(options), name, { type: "deletion", about, content: "" }, options);
}

/** A flag and a key have no pictograph. */
const EMOJI = /^[\p{Extended_Pictographic}\p{Regional_Indicator}]|\u20e3$/u;

/** A character that is a picture only with the selector behind it, which some people do not type. */
const WITHOUT_SELECTOR = /^(?!\p{Emoji_Presentation})(?=\p{Extended_Pictographic})\p{Emoji}$/u;

const SELECTOR = "\ufe0f";

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** More than any emoji has. Clients take no longer ones. */
const MOST_CHARACTERS = 32;

/** @throws CliError for anything but one emoji, which some clients could not show */
function emojiIn(text: string): string {
  const isEmoji = EMOJI.test(text) && text.length <= MOST_CHARACTERS && [...GRAPHEMES.segment(text)].length === 1;
  if (!isEmoji) throw new CliError(EXIT.data, "A reaction is one emoji, such as 👍.");
  return WITHOUT_SELECTOR.test(text) ? `${text}${SELECTOR}` : text;
}

type Said = Pick<Outgoing, "type" | "content"> & { readonly about: string };

/** Says something about a message that was sent before. A repeat changes nothing more. */
async function mark(context: LoggedIn, name: string, said: Said, options: MarkOptions) {
  const { client, session, notice, onRetry } = context;
  const place = await placeOf(context, name, options);
  const onNewId = (id: string) => saveMark(session.id, id);
  // The time in an id is at its beginning.
  const [after] = [said.about, lastMark(session.id) ?? ""].toSorted().slice(-1);
  const messageId = client.newMessageId(after);
  onNewId(messageId);
  const sent = await withHint(client.send({ to: place.id, ...said, messageId, onNewId, onRetry }), REPEATABLE);
  notice(`Sent to ${nameOf(place)}.`);
  await tellMissed(context, place, sent);
  if (options.json) await print(jsonLine(sent));
}
