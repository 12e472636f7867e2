import { clearLine, createInterface, cursorTo, type Interface } from "node:readline";
import type { Client, User } from "../../lib/client.ts";
import { Chain } from "../chain.ts";
import { type Context, type GlobalOptions, loggedIn } from "../context.ts";
import { explain } from "../failures.ts";
import { checkContent } from "../input.ts";
import { complain, printText } from "../output.ts";
import { listenForSignals } from "../signals.ts";
import { messageLine } from "../text.ts";

/**
 * `gotalk chat NAME`: each line is sent to one user; what comes is printed, from whomever, as a message that is not
 * shown would be lost.
 */
export async function chat(name: string, options: GlobalOptions): Promise<void> {
  const context = loggedIn(options);
  const peer = await context.client.find(name, { onRetry: context.onRetry });
  const ending = listenForSignals();
  const end = new AbortController();
  ending.signal.addEventListener("abort", () => end.abort());
  const lines = openLines(() => end.abort());
  context.notice(`You talk with ${peer.username}. Messages of others are shown as well. Ctrl-D ends.`);
  lines.prompt();
  try {
    await Promise.all([
      showIncoming(context, context.session.id, lines, end.signal).finally(() => lines.close()),
      sendLines(context.client, peer, lines).finally(() => end.abort()),
    ]);
  } finally {
    lines.close();
  }
  ending.finish();
}

function openLines(interrupt: () => void): Interface {
  const terminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  const lines = createInterface({
    input: process.stdin,
    terminal,
    prompt: terminal ? "> " : "",
    ...(terminal && { output: process.stdout }),
  });
  // On a terminal Ctrl-C is a key, and no signal.
  lines.on("SIGINT", interrupt);
  return lines;
}

async function showIncoming({ client, onRetry }: Context, ownId: string, lines: Interface, signal: AbortSignal) {
  const chain = new Chain(ownId);
  try {
    const options = { state: chain.state, onState: chain.save.bind(chain), signal, onRetry };
    for await (const message of client.receive(options)) {
      if (message.redelivered && chain.isTakenElsewhere(message)) continue;
      await showAbove(lines, messageLine(message));
    }
  } finally {
    chain.release();
  }
}

/** Prints over the line that is being typed, and shows that again below. */
async function showAbove(lines: Interface, text: string): Promise<void> {
  if (!lines.terminal) return printText(text);
  clearLine(process.stdout, 0);
  cursorTo(process.stdout, 0);
  await printText(text);
  lines.prompt(true);
}

/** One after the other, so that they arrive in this order. What cannot be sent is told, and the talk goes on. */
async function sendLines(client: Client, peer: User, lines: Interface): Promise<void> {
  let isOpen = true;
  lines.once("close", () => {
    isOpen = false;
  });
  for await (const line of lines) {
    if (line.trim() !== "") await sendLine(client, peer, line);
    // The last lines are read ahead of the end.
    if (isOpen) lines.prompt();
  }
}

async function sendLine(client: Client, peer: User, content: string): Promise<void> {
  try {
    checkContent(content);
    await client.send({ to: peer.id, content });
  } catch (error) {
    complain(`Not sent: ${explain(error)}`);
  }
}
