import type { Message } from "../../lib/client/index.ts";
import { Chain } from "../chain.ts";
import { type GlobalOptions, loggedIn } from "../context.ts";
import { DeadLetters } from "../dead-letters.ts";
import { MISSED } from "../device-text.ts";
import { Execution } from "../execution.ts";
import { EXIT } from "../exit-codes.ts";
import { CliError } from "../failures.ts";
import { print, printError, printMessage } from "../output.ts";
import { listenForSignals } from "../signals.ts";
import { jsonLine } from "../text.ts";

export interface ReceiveOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly raw?: boolean;
  readonly exec?: string;
  readonly maxAttempts?: number;
  /** A file's path. */
  readonly deadLetter?: string;
  /** Whether messages come that the user sent from another device. */
  readonly ownCopies?: boolean;
  /** False with `--no-wait`. */
  readonly wait: boolean;
}

/** Processes a message. @returns whether it is processed; if not, the process ends */
type Handler = (message: Message) => Promise<boolean>;

/**
 * `gotalk receive`. A message is acknowledged once it is printed, its command has succeeded, or it was given up. Every
 * other message stays on the channel, whatever ends this process.
 */
export async function receive(options: ReceiveOptions): Promise<void> {
  checkOptions(options);
  const { client, session, onRetry, notice } = await loggedIn(options);
  const deadLetters = options.deadLetter === undefined ? undefined : new DeadLetters(options.deadLetter);
  const ending = listenForSignals();
  const chain = new Chain(session.id);
  const handle = handlerOf(options, deadLetters, chain, ending.signal);
  const inbox = client.receive({
    state: chain.state,
    onState: (state) => chain.save(state),
    signal: ending.signal,
    follow: options.wait,
    ownCopies: options.ownCopies ?? false,
    onMissed: () => printError(MISSED),
    onRetry,
    onConnection: (state) => {
      if (state === "offline") notice("The server cannot be reached.");
    },
  });
  try {
    for await (const message of inbox) {
      if (message.redelivered && chain.isProcessedElsewhere(message)) continue;
      if (!(await handle(message))) break;
    }
  } finally {
    chain.release();
  }
  ending.finish();
}

function checkOptions({ exec, maxAttempts, deadLetter }: ReceiveOptions): void {
  if (exec !== undefined || (maxAttempts ?? deadLetter) === undefined) return;
  throw new CliError(EXIT.usage, "--max-attempts and --dead-letter need the command of --exec, which is missing.");
}

function handlerOf(
  { json = false, raw, exec, wait, maxAttempts = Infinity }: ReceiveOptions,
  deadLetters: DeadLetters | undefined,
  chain: Chain,
  signal: AbortSignal,
): Handler {
  if (exec !== undefined) {
    const execution = new Execution({
      command: exec,
      isJson: json,
      waits: wait,
      maxAttempts,
      deadLetters,
      chain,
      signal,
    });
    return (message) => execution.handle(message);
  }
  return async (message) => {
    await (json ? print(jsonLine(message)) : printMessage(message, raw));
    return true;
  };
}
