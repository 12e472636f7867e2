import type { Message } from "../lib/client/index.ts";
import type { ChatScreen } from "./chat-screen.ts";
import type { LoggedIn } from "./context.ts";
import { CliError, exitCodeOf, explain, remedyOf } from "./failures.ts";
import { checkContent } from "./input.ts";
import { decodeLine } from "./lines.ts";
import { tellMissed } from "./missed-by.ts";
import { printError } from "./output.ts";
import type { Place } from "./places.ts";

/** What lines are sent with. */
interface Sending extends LoggedIn {
  readonly screen: ChatScreen;
  readonly place: Place;
  onSent(message: Message): void;
}

/**
 * Sends the lines one after the other, so that they arrive in order. A failure is reported, and the chat goes on.
 *
 * @throws CliError when a line of a pipe may not have been sent, with the code of the first such line
 */
export async function sendLines(sending: Sending): Promise<void> {
  const { screen } = sending;
  let exitCode = 0;
  for await (const line of screen.lines) {
    const failure = line.trim() === "" ? 0 : await sendLine(sending, line);
    exitCode ||= failure;
    screen.prompt();
  }
  if (exitCode !== 0 && !process.stdin.isTTY) throw new CliError(exitCode, "Some lines may not have been sent.");
}

/** @returns 0, or the exit code of the failure that it has reported */
async function sendLine(sending: Sending, line: string): Promise<number> {
  const { client, session, screen, place, onSent } = sending;
  let messageId = client.newMessageId();
  const onNewId = (newId: string) => {
    messageId = newId;
  };
  try {
    const content = process.stdin.isTTY ? line : decodeLine(line, "A line");
    checkContent(content);
    const sent = await client.send({ to: place.id, type: "text", content, messageId, onNewId });
    const own = { senderId: session.id, senderName: session.username, toId: place.id, toName: place.name };
    onSent({ ...own, messageId, type: "text", content, sentAt: sent.sentAt, redelivered: false });
    await tellMissed(sending, place, sent, (text) => screen.above(() => printError(text)));
    return 0;
  } catch (error) {
    const sendAgain = `gotalk send --message-id ${messageId} ${place.isGroup ? `--group ${place.id}` : place.name}`;
    const remedy = remedyOf(error, { sendAgain, isIdGiven: false });
    const text = remedy === undefined ? `Not sent: ${explain(error)}` : `${explain(error)} ${remedy}`;
    screen.above(() => printError(text));
    return exitCodeOf(error);
  }
}
