import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import type { Client, Message, User } from "../../lib/client/index.ts";
import { Chain } from "../chain.ts";
import { type Context, type GlobalOptions, loggedIn } from "../context.ts";
import { MISSED } from "../device-text.ts";
import { CliError, exitCodeOf, explain, remedyOf } from "../failures.ts";
import { checkContent } from "../input.ts";
import { decodeLine, linesOf } from "../lines.ts";
import { printError, printMessage } from "../output.ts";
import { listenForSignals } from "../signals.ts";
import { suspendable } from "../suspension.ts";

/**
 * `gotalk chat NAME`. Sends each line to one user. Prints the messages of all users: a message that is not shown would
 * be lost.
 *
 * @throws CliError when a line of a pipe may not have been sent, with the code of the first such line. At a terminal
 * the person has read about it.
 */
export async function chat(name: string, options: GlobalOptions): Promise<void> {
  const context = await loggedIn(options);
  const peer = await context.client.find(name, { onRetry: context.onRetry });
  const ending = listenForSignals();
  const end = new AbortController();
  ending.signal.addEventListener("abort", () => end.abort());
  const lines = openLines(() => end.abort());
  context.notice(`You are chatting with ${peer.username}. Messages from others are shown, too. Ctrl-D ends the chat.`);
  lines.prompt();
  // Waits for a line that is on its way, even if the output fails.
  const [shown, sent] = await Promise.allSettled([
    showIncoming(context, context.session.id, lines, end.signal).finally(() => lines.close()),
    sendLines(context.client, peer, lines).finally(() => end.abort()),
  ]);
  if (shown.status === "rejected") throw shown.reason;
  ending.finish();
  if (sent.status === "rejected") throw sent.reason;
}

function openLines(interrupt: () => void): Interface {
  if (!process.stdin.isTTY) return linesOf(process.stdin);
  // If the cursor cannot move, the terminal itself edits the line.
  const terminal = Boolean(process.stdout.isTTY && process.env["TERM"] !== "dumb");
  const lines = createInterface({
    input: process.stdin,
    terminal,
    prompt: terminal ? "> " : "",
    ...(terminal && { output: process.stdout }),
  });
  // On a terminal Ctrl-C is a key, not a signal.
  lines.on("SIGINT", interrupt);
  if (terminal) suspendable(lines, () => drawAnew(lines));
  return lines;
}

async function showIncoming({ client, onRetry }: Context, ownId: string, lines: Interface, signal: AbortSignal) {
  const chain = new Chain(ownId);
  try {
    const onMissed = () => printError(MISSED);
    // A message that is not shown would be lost, also one that was sent from another device.
    const own = { ownCopies: true, onMissed };
    const options = { state: chain.state, onState: chain.save.bind(chain), signal, onRetry, ...own };
    for await (const message of client.receive(options)) {
      if (message.redelivered && chain.isProcessedElsewhere(message)) continue;
      await showAbove(lines, message);
    }
  } finally {
    chain.release();
  }
}

/** Prints a message over the text that is being typed, which may take several rows, and shows the text again below. */
async function showAbove(lines: Interface, message: Message): Promise<void> {
  if (!lines.terminal) return printMessage(message);
  const { rows } = lines.getCursorPos();
  moveCursor(process.stdout, 0, -rows);
  cursorTo(process.stdout, 0);
  clearScreenDown(process.stdout);
  // All at once, so that no key comes in between.
  const printed = printMessage(message);
  drawAnew(lines);
  await printed;
}

/** Draws the prompt and the text that is being typed, from the row of the cursor on. */
function drawAnew(lines: Interface): void {
  // readline goes up by as many rows, or fewer if the text was pasted, before it draws.
  process.stdout.write("\n".repeat(lines.getCursorPos().rows));
  lines.prompt(true);
}

/** Sends the lines one after the other, so that they arrive in order. A failure is reported, and the chat goes on. */
async function sendLines(client: Client, peer: User, lines: Interface): Promise<void> {
  let isOpen = true;
  lines.once("close", () => {
    isOpen = false;
  });
  let exitCode = 0;
  for await (const line of lines) {
    const failure = line.trim() === "" ? 0 : await sendLine(client, peer, line);
    exitCode ||= failure;
    // The interface may close before its last lines are read.
    if (isOpen) lines.prompt();
  }
  if (exitCode !== 0 && !process.stdin.isTTY) throw new CliError(exitCode, "Some lines may not have been sent.");
}

/** @returns 0, or the exit code of the failure that it has reported */
async function sendLine(client: Client, peer: User, line: string): Promise<number> {
  let messageId = client.newMessageId();
  const onNewId = (newId: string) => {
    messageId = newId;
  };
  try {
    const content = process.stdin.isTTY ? line : decodeLine(line, "A line");
    checkContent(content);
    await client.send({ to: peer.id, content, messageId, onNewId });
    return 0;
  } catch (error) {
    const sendAgain = `gotalk send --message-id ${messageId} ${peer.username}`;
    const remedy = remedyOf(error, { sendAgain, isIdGiven: false });
    printError(remedy === undefined ? `Not sent: ${explain(error)}` : `${explain(error)} ${remedy}`);
    return exitCodeOf(error);
  }
}
