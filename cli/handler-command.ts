import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Message } from "../lib/client/index.ts";
import { systemCodeOf } from "./failures.ts";
import { messageJson } from "./message-json.ts";
import type { SavedFile } from "./received-files.ts";

/**
 * The exit code of a command that will never succeed with this message. It means the same in qmail, whose commands also
 * get a message on stdin.
 *
 * @see https://manpages.debian.org/qmail-command "100: hard error"
 */
export const SKIP_CODE = 100;

/** How a command ended. */
export interface Outcome {
  readonly kind: "done" | "skip" | "failed";
  /** The reason in words. */
  readonly reason: string;
}

/** The environment of the command. Nothing of a message is put into the command line. */
const variablesOf = (message: Message, saved: SavedFile | undefined): NodeJS.ProcessEnv => ({
  GOTALK_SENDER: message.senderName,
  GOTALK_SENDER_ID: message.senderId,
  GOTALK_MESSAGE_ID: message.messageId,
  GOTALK_SENT_AT: message.sentAt,
  GOTALK_REDELIVERED: String(message.redelivered),
  // goTalk's first clients send texts without a type.
  GOTALK_TYPE: message.type ?? "text",
  GOTALK_ABOUT: message.about,
  GOTALK_TO: message.toName,
  GOTALK_TO_ID: message.toId,
  GOTALK_FILE: saved !== undefined && "path" in saved ? saved.path : undefined,
  GOTALK_FILE_ERROR: saved !== undefined && "error" in saved ? saved.error : undefined,
});

/** How a command is given a message. */
export interface Handed {
  readonly isJson: boolean;
  /** What has become of the message's file, if files are saved. */
  readonly saved: SavedFile | undefined;
}

/** Runs the command of `--exec` in the shell. Its stdin is the message's content, or the whole message as JSON. */
export async function runCommand(command: string, message: Message, { isJson, saved }: Handed): Promise<Outcome> {
  const child = spawn(command, {
    shell: true,
    env: { ...process.env, ...variablesOf(message, saved) },
    stdio: ["pipe", "inherit", "inherit"],
  });
  // A command need not read its input.
  child.stdin.on("error", (error) => {
    if (systemCodeOf(error) !== "EPIPE") child.kill();
  });
  child.stdin.end(isJson ? messageJson(message, saved) : message.content);
  const [code, signal] = await once(child, "exit");
  return { kind: kindOf(code), reason: signal === null ? `exit code ${code}` : `ended by ${signal}` };
}

function kindOf(code: number | null): Outcome["kind"] {
  if (code === 0) return "done";
  return code === SKIP_CODE ? "skip" : "failed";
}
