import { type Message, Receipts, realTiming } from "../../lib/client/index.ts";
import { Chain } from "../chain.ts";
import { ChatPeople } from "../chat-people.ts";
import { ChatReceipts } from "../chat-receipts.ts";
import { ChatScreen } from "../chat-screen.ts";
import { sendLines } from "../chat-sending.ts";
import { type GlobalOptions, type LoggedIn, loggedIn } from "../context.ts";
import { MISSED } from "../device-text.ts";
import { fileNoteOf } from "../file-note.ts";
import { listed } from "../group-text.ts";
import { MessagePrinter } from "../message-printer.ts";
import { printError } from "../output.ts";
import { nameOf, type Place, type PlaceOptions, placeOf } from "../places.ts";
import { listenForSignals } from "../signals.ts";
import { isForPeople } from "../wording.ts";

export interface ChatOptions extends GlobalOptions, PlaceOptions {
  /** Whether the ids of texts and files are shown. */
  readonly ids?: boolean;
  /** False with `--no-receipts`: nobody is told what was read. */
  readonly receipts: boolean;
}

/** How long the end of a chat may wait for the last receipts, in milliseconds. */
const LAST_RECEIPTS_MS = 3_000;

/** So many members of a group are named at the beginning. */
const MOST_NAMES = 10;

/**
 * `gotalk chat NAME`. Sends each line to one user or group. Prints the messages of all conversations: a message that is not shown
 * would be lost.
 *
 * @throws CliError when a line of a pipe may not have been sent, with the code of the first such line. At a terminal
 * the person has read about it.
 */
export async function chat(name: string, options: ChatOptions): Promise<void> {
  const context = await loggedIn(options, true);
  const place = await placeOf(context, name, options);
  const end = new AbortController();
  const { people, greeting } = await peopleIn(context, place, end.signal);
  const { receipts, blocked } = await receiptsIn(context, place, people, options);
  const chain = new Chain(context.session.id);
  const read = new ChatReceipts({
    receipts,
    tellsRead: () => chain.tellsRead,
    ownId: context.session.id,
    placeId: place.id,
    blocked,
  });
  const ending = listenForSignals();
  ending.signal.addEventListener("abort", () => end.abort());
  const screen = new ChatScreen(() => end.abort());
  context.notice(`${greeting} Messages from others are shown, too. Ctrl-D ends the chat.`);
  screen.prompt();
  const printer = new MessagePrinter(context.session.id, { hasIds: options.ids, here: place.id });
  const onSent = (message: Message) => {
    printer.add(message);
    read.answered();
    if (options.ids) screen.above(() => context.notice(`Sent as ${message.messageId}.`));
  };
  const incoming = { ...context, chain, place, people, read, screen, printer, signal: end.signal };
  // Waits for a line that is on its way, even if the output fails.
  const [shown, sent] = await Promise.allSettled([
    showIncoming(incoming).finally(() => screen.lines.close()),
    sendLines({ ...context, screen, place, onSent }).finally(() => end.abort()),
  ]);
  await Promise.race([receipts?.flush(), realTiming.sleep(LAST_RECEIPTS_MS)]);
  if (shown.status === "rejected") throw shown.reason;
  ending.finish();
  if (sent.status === "rejected") throw sent.reason;
}

/** The people of a conversation, and what a person is told at the beginning. */
async function peopleIn({ client, session, onRetry }: LoggedIn, place: Place, signal: AbortSignal) {
  const { id, name, isGroup } = place;
  if (!isGroup) {
    const members = { version: 0, members: [{ id, username: name }] };
    return { people: new ChatPeople(place, members, async () => members), greeting: `You are chatting with ${name}.` };
  }
  const group = await client.group(id, { onRetry });
  const others = group.members.filter((member) => member.id !== session.id).map(({ username }) => username);
  const more = others.length - MOST_NAMES;
  const named = more > 0 ? [...others.slice(0, MOST_NAMES), `${more} more`] : others;
  const greeting = `You are in ${nameOf(place)}${others.length === 0 ? "" : ` with ${listed(named)}`}.`;
  return { people: new ChatPeople(place, group, () => client.group(id, { signal })), greeting };
}

/** Who is told what was read, and of typing. Only a person at a terminal reads. */
async function receiptsIn(context: LoggedIn, place: Place, people: ChatPeople, options: ChatOptions) {
  const { client, session, onRetry } = context;
  const isPerson = process.stdin.isTTY && process.stdout.isTTY;
  const isRead = options.receipts && isPerson;
  const receipts = isRead
    ? new Receipts({
        timing: realTiming,
        ownId: session.id,
        send: (receipt) => client.send(receipt),
        membersOf: () => people.count,
      })
    : undefined;
  // Typing in a group goes to all members.
  const needsBlocks = isRead || (isPerson && !place.isGroup);
  const blocked = new Set(needsBlocks ? (await client.blocks({ onRetry })).map(({ id }) => id) : []);
  return { receipts, blocked };
}

/** What incoming messages are shown with. */
interface Incoming extends LoggedIn {
  readonly chain: Chain;
  readonly place: Place;
  readonly people: ChatPeople;
  readonly read: ChatReceipts;
  readonly screen: ChatScreen;
  readonly printer: MessagePrinter;
  readonly signal: AbortSignal;
}

async function showIncoming(incoming: Incoming): Promise<void> {
  const { client, session, chain, place, people, read, screen, printer, signal, onRetry } = incoming;
  try {
    const inbox = client.receive({
      state: chain.state,
      onState: (state) => chain.save(state),
      signal,
      // A message that is not shown would be lost, also one that was sent from another device.
      ownCopies: true,
      quiet: true,
      onMissed: () => screen.above(() => printError(MISSED)),
      onTyping: (typing) => screen.setStatus(people.typing(typing)),
      onRetry: (error, delay) => screen.above(() => onRetry(error, delay)),
    });
    screen.onTyping(() => {
      if (read.tellsTyping) inbox.typing(place.id);
    });
    for await (const message of inbox) {
      people.hear(message);
      chain.hear(message);
      if (message.redelivered && chain.isProcessedElsewhere(message)) continue;
      if (isForPeople(message)) await screen.above(() => printer.print(message, fileNoteOf(session.id, message)));
      read.shown(message);
    }
  } finally {
    chain.release();
  }
}
