import type { Message } from "../../lib/client/index.ts";
import { Chain } from "../chain.ts";
import { type GlobalOptions, loggedIn } from "../context.ts";
import { DeadLetters } from "../dead-letters.ts";
import { MISSED } from "../device-text.ts";
import { Execution } from "../execution.ts";
import { EXIT } from "../exit-codes.ts";
import { CliError } from "../failures.ts";
import { FileFolder } from "../file-folder.ts";
import { fileNoteOf } from "../file-note.ts";
import { messageJson } from "../message-json.ts";
import { MessagePrinter } from "../message-printer.ts";
import { print, printError } from "../output.ts";
import { ReceivedFiles, type SavedFile } from "../received-files.ts";
import { listenForSignals } from "../signals.ts";
import { isForPeople, isText } from "../wording.ts";

export interface ReceiveOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly raw?: boolean;
  /** Whether a program gets messages of all types, and not texts alone. */
  readonly all?: boolean;
  /** Whether people are shown the ids of texts and files. */
  readonly ids?: boolean;
  /** Whether senders are told that their messages have arrived. */
  readonly receipts?: boolean;
  readonly exec?: string;
  readonly maxAttempts?: number;
  /** A file's path. */
  readonly deadLetter?: string;
  /** The folder that files are saved in. */
  readonly files?: string;
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
  const { client, session, onRetry, notice } = await loggedIn(options, options.wait);
  const deadLetters = options.deadLetter === undefined ? undefined : new DeadLetters(options.deadLetter);
  const folder = options.files === undefined ? undefined : new FileFolder(options.files);
  const ending = listenForSignals();
  const chain = new Chain(session.id);
  const isWanted = filterOf(options);
  const waits = options.wait;
  const files = folder && new ReceivedFiles({ client, onRetry, folder, waits, signal: ending.signal });
  const handle = handlerOf(options, { deadLetters, files, chain, signal: ending.signal, ownId: session.id });
  if (options.wait) notice("Waiting for messages. Ctrl-C ends this.");
  const inbox = client.receive({
    state: chain.state,
    onState: (state) => chain.save(state),
    signal: ending.signal,
    follow: options.wait,
    ownCopies: options.ownCopies ?? false,
    // The settings of the user's other devices are among them.
    quiet: true,
    receipts: options.receipts ?? false,
    onMissed: () => printError(MISSED),
    onRetry,
    onConnection: (state) => {
      if (state === "offline") notice("The server cannot be reached.");
    },
  });
  try {
    for await (const message of inbox) {
      chain.hear(message);
      if (message.redelivered && chain.isProcessedElsewhere(message)) continue;
      if (isWanted(message) && !(await handle(message))) break;
    }
  } finally {
    chain.release();
  }
  ending.finish();
}

function checkOptions(options: ReceiveOptions): void {
  const { exec, maxAttempts, deadLetter, all } = options;
  if (exec === undefined && (maxAttempts ?? deadLetter) !== undefined) {
    throw new CliError(EXIT.usage, "--max-attempts and --dead-letter need the command of --exec, which is missing.");
  }
  if (all && !isForProgram(options)) throw new CliError(EXIT.usage, "--all needs --json or --exec.");
}

/** Whether a program reads the messages. */
const isForProgram = ({ json, exec }: ReceiveOptions): boolean => json === true || exec !== undefined;

/** Programs that were written before there were types take every message for a text. One that has files saved knows of files. */
function filterOf(options: ReceiveOptions): (message: Message) => boolean {
  if (options.all) return () => true;
  if (!isForProgram(options)) return isForPeople;
  const isTaken = (message: Message) => isText(message) || (options.files !== undefined && message.type === "file");
  return (message) => isTaken(message) && !message.quiet;
}

/** What handlers work with. */
interface HandlerParts {
  readonly deadLetters: DeadLetters | undefined;
  readonly files: ReceivedFiles | undefined;
  readonly chain: Chain;
  readonly signal: AbortSignal;
  readonly ownId: string;
}

/** What follows when the message's file, if it has one and files are saved, is on the disk. */
type FileHandler = (message: Message, saved: SavedFile | undefined) => Promise<boolean>;

function handlerOf(options: ReceiveOptions, { files, ...parts }: HandlerParts): Handler {
  const handle = messageHandlerOf(options, parts);
  return async (message) => {
    if (files === undefined || message.type !== "file") return handle(message, undefined);
    const saved = await files.save(message);
    return saved !== undefined && handle(message, saved);
  };
}

function messageHandlerOf(options: ReceiveOptions, { ownId, ...parts }: Omit<HandlerParts, "files">): FileHandler {
  const { json = false, raw, ids, exec, wait, maxAttempts = Infinity } = options;
  if (exec !== undefined) {
    const execution = new Execution({ command: exec, isJson: json, waits: wait, maxAttempts, ...parts });
    return (message, saved) => execution.handle(message, saved);
  }
  const printer = new MessagePrinter(ownId, { isRaw: raw, hasIds: ids });
  return async (message, saved) => {
    await (json ? print(messageJson(message, saved)) : printer.print(message, fileNoteOf(ownId, message, saved)));
    return true;
  };
}
