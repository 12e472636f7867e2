import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Message } from "../lib/client/index.ts";
import { systemCodeOf } from "./failures.ts";
import { jsonLine } from "./text.ts";

/**
 * The exit code of a command that will never succeed with this message. It means the same in qmail, whose commands get
 * their messages in the same way.
 *
 * @see https://manpages.debian.org/qmail-command "100: hard error"
 */
export const SKIP_CODE = 100;

/** How a command ended. */
export interface Outcome {
  readonly kind: "done" | "skip" | "failed";
  /** In words. */
  readonly reason: string;
}

/** What is given of a message besides its content. The command line is the user's own; nothing is put into it. */
const variablesOf = (message: Message): NodeJS.ProcessEnv => ({
  GOTALK_SENDER: message.senderName,
  GOTALK_SENDER_ID: message.senderId,
  GOTALK_MESSAGE_ID: message.messageId,
  GOTALK_SENT_AT: message.sentAt,
  GOTALK_REDELIVERED: String(message.redelivered),
});

/** Runs the command of `--exec` by the shell, with the message's content, or all of it as JSON, on its stdin. */
export async function runCommand(command: string, message: Message, isJson: boolean): Promise<Outcome> {
  const child = spawn(command, {
    shell: true,
    env: { ...process.env, ...variablesOf(message) },
    stdio: ["pipe", "inherit", "inherit"],
  });
  // A command that does not read its input is in its right.
  child.stdin.on("error", (error) => {
    if (systemCodeOf(error) !== "EPIPE") child.kill();
  });
  child.stdin.end(isJson ? jsonLine(message) : message.content);
  const [code, signal] = await once(child, "exit");
  return { kind: kindOf(code), reason: signal === null ? `exit code ${code}` : `ended by ${signal}` };
}

function kindOf(code: number | null): Outcome["kind"] {
  if (code === 0) return "done";
  return code === SKIP_CODE ? "skip" : "failed";
}
