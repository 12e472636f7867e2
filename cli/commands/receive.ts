import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "../../lib/client.ts";
import { Chain } from "../chain.ts";
import { type GlobalOptions, loggedIn } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { CliError } from "../failures.ts";
import { runCommand } from "../handler-command.ts";
import { complain, print, printText } from "../output.ts";
import { listenForSignals } from "../signals.ts";
import { jsonLine, messageLine } from "../text.ts";

export interface ReceiveOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly exec?: string;
  /** False with `--no-wait`. */
  readonly wait: boolean;
}

/** Between attempts of a command, in milliseconds: doubling from the first to the last. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;

/**
 * `gotalk receive`: a message is acknowledged once it is printed, or its command has succeeded. One that is neither
 * stays on the channel, whatever ends this process.
 */
export async function receive(options: ReceiveOptions): Promise<void> {
  const { client, session, onRetry, notice } = loggedIn(options);
  const ending = listenForSignals();
  const chain = new Chain(session.id);
  const inbox = client.receive({
    state: chain.state,
    onState: (state) => chain.save(state),
    signal: ending.signal,
    follow: options.wait,
    onRetry,
    onConnection: (state) => {
      if (state === "offline") notice("The server cannot be reached.");
    },
  });
  try {
    for await (const message of inbox) {
      if (message.redelivered && chain.isTakenElsewhere(message)) continue;
      if (!(await handle(message, options, chain, ending.signal))) break;
    }
  } finally {
    chain.release();
  }
  ending.finish();
}

/** @returns whether the message is done with; if not, the process is to end */
async function handle(message: Message, options: ReceiveOptions, chain: Chain, signal: AbortSignal): Promise<boolean> {
  const { json = false, exec } = options;
  if (exec !== undefined) return execute(message, { ...options, exec, json }, chain, signal);
  await (json ? print(jsonLine(message)) : printText(messageLine(message)));
  return true;
}

async function execute(
  message: Message,
  { exec, json, wait }: { exec: string; json: boolean; wait: boolean },
  chain: Chain,
  signal: AbortSignal,
): Promise<boolean> {
  const wasBegun = chain.begin(message);
  const told = { ...message, redelivered: message.redelivered || wasBegun };
  for (let delay = FIRST_WAIT; ; delay = Math.min(2 * delay, LONGEST_WAIT)) {
    const failure = await runCommand(exec, told, json);
    if (failure === undefined) return true;
    if (signal.aborted) return false;
    const what = `The command failed (${failure}) for message ${message.messageId} of ${message.senderName}`;
    if (!wait) throw new CliError(EXIT.tryLater, `${what}. It stays where it is, for the next time.`);
    complain(`${what}. Trying again in ${delay / 1_000} s.`);
    await sleep(delay, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return false;
    told.redelivered = true;
  }
}
