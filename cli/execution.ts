import { longestBackoff, type Message, type RetryPolicy, realTiming, retrying } from "../lib/client/index.ts";
import type { Chain } from "./chain.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import { type Outcome, runCommand } from "./handler-command.ts";
import { printError } from "./output.ts";
import type { SavedFile } from "./received-files.ts";

/**
 * Between attempts of a command, in milliseconds. Without jitter: there is no server that many of them would meet at.
 */
const GROWTH = { base: 1_000, max: 60_000 };

/**
 * How long after the end of a command a signal may be its reason, in milliseconds. A service manager ends the command and this process at
 * once, and a busy machine may tell of the command first.
 */
const SAME_TIME = 200;

/** The command failed, and may succeed later. */
class CommandError extends CliError {
  override readonly name = "CommandError";
  readonly what: string;

  constructor(what: string) {
    super(EXIT.tryLater, `${what}. It stays on the server for the next run.`);
    this.what = what;
  }
}

/** How the command of `--exec` is run. */
export interface ExecutionOptions {
  readonly command: string;
  /** Whether the command gets all of the message as JSON, or its content. */
  readonly isJson: boolean;
  /** Whether a command that failed is run again by this process. */
  readonly waits: boolean;
  /** A message is given up after so many attempts. */
  readonly maxAttempts: number;
  /** Keeps the messages that are given up. Without it they are gone. */
  readonly deadLetters: DeadLetters | undefined;
  readonly chain: Chain;
  /** Aborted when the process is to end. */
  readonly signal: AbortSignal;
}

/** Runs the command of `--exec` for each message until it succeeds or the message is given up. */
export class Execution {
  readonly #options: ExecutionOptions;

  constructor(options: ExecutionOptions) {
    this.#options = options;
  }

  /**
   * @param saved What has become of the message's file, if files are saved.
   * @returns whether the message is processed; if not, the process ends
   * @throws CliError when the command failed and this process does not wait, or the dead letter cannot be written
   */
  async handle(message: Message, saved?: SavedFile): Promise<boolean> {
    const { chain, maxAttempts, signal } = this.#options;
    const before = chain.attemptsAt(message);
    const told = { ...message, redelivered: message.redelivered || before !== undefined };
    let attempts = before ?? 0;
    // A process that was killed may have made the last attempt.
    if (attempts >= maxAttempts) return this.#giveUp(told, attempts, "no attempt succeeded");
    const attempt = async (): Promise<boolean> => {
      if (signal.aborted) return false;
      const { kind, reason } = await this.#attempt(told, saved, ++attempts);
      if (kind === "done") return true;
      if (kind === "skip") return this.#giveUp(told, attempts, reason);
      await realTiming.sleep(SAME_TIME, signal);
      if (signal.aborted) return this.#uncount(message, attempts);
      if (attempts >= maxAttempts) return this.#giveUp(told, attempts, reason);
      told.redelivered = true;
      throw new CommandError(
        `The command failed (${reason}) for message ${message.messageId} of ${message.senderName}`,
      );
    };
    return retrying(attempt, {
      policy: this.#policy,
      signal,
      onRetry: (error, delay) => {
        if (error instanceof CommandError) printError(`${error.what}. Trying again in ${delay / 1_000} s.`);
      },
    });
  }

  get #policy(): RetryPolicy {
    const { waits } = this.#options;
    return {
      waitAfter: ({ error, earlier }) =>
        waits && error instanceof CommandError ? { asked: 0, backoff: longestBackoff(earlier, GROWTH) } : undefined,
    };
  }

  /** An attempt counts from its beginning. So a message that kills this process is given up in the end, too. */
  async #attempt(message: Message, saved: SavedFile | undefined, attempts: number): Promise<Outcome> {
    const { chain, command, isJson } = this.#options;
    chain.begin(message, attempts);
    try {
      return await runCommand(command, message, { isJson, saved });
    } catch (error) {
      // There is no shell, or there are too many processes. The message is not to blame.
      this.#uncount(message, attempts);
      throw error;
    }
  }

  /** Takes an attempt back. Ctrl-C and service managers end the command with this process: that does not count. */
  #uncount(message: Message, attempts: number): false {
    this.#options.chain.begin(message, attempts - 1);
    return false;
  }

  #giveUp(message: Message, attempts: number, reason: string): true {
    const { deadLetters } = this.#options;
    deadLetters?.add(message, { reason, attempts });
    const what = `Message ${message.messageId} of ${message.senderName} is given up (${reason}, attempts: ${attempts})`;
    printError(`${what}. ${deadLetters === undefined ? "It is gone." : `It is in ${deadLetters.file}.`}`);
    return true;
  }
}
