import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { login, logout, register, whoami } from "./commands/account.ts";
import { chat } from "./commands/chat.ts";
import {
  block,
  changePassword,
  deleteAccount,
  endSession,
  listBlocks,
  listSessions,
  unblock,
} from "./commands/own-account.ts";
import { receive } from "./commands/receive.ts";
import { send } from "./commands/send.ts";
import { DEFAULT_URL } from "./context.ts";
import { SKIP_CODE } from "./handler-command.ts";
import { stateFolder } from "./state-folder.ts";

const { version } = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve("gotalk/package.json")), "utf8"));

const HELP = `
Passwords are asked for on a terminal, and read from stdin as a line otherwise.

Exit codes: 0 done, 1 failed, 2 wrong command line, 65 the message is too long or not UTF-8, 67 nobody has that name,
69 the server cannot be reached, or something else answers in its place, 74 input or output failed, 75 try again later,
77 not logged in or not allowed, 78 the saved state is damaged.

The session is kept in ${stateFolder()}`;

const EXEC_HELP = `
The command of --exec is run by the shell for each message: the content is its stdin, and GOTALK_SENDER,
GOTALK_SENDER_ID, GOTALK_MESSAGE_ID, GOTALK_SENT_AT and GOTALK_REDELIVERED are in its environment. When it fails the
message stays, and the command is run again after 1, 2, 4 ... 60 seconds; with --no-wait gotalk ends with 75 instead.
Messages after it wait. GOTALK_REDELIVERED is "true" when the command may have been run for the message before.

A message is given up when the command ends with ${SKIP_CODE} ("never with this message"), or after --max-attempts. Attempts are
counted from their beginning, on this computer, in all runs of gotalk; one that a signal to gotalk ended does not count.
What is given up is told on stderr, and goes to the file of --dead-letter; without one it is gone.`;

/** The command line. Global options may stand before or after the command. */
export function programOf(): Command {
  const program = new Command("gotalk")
    .description("Sends and receives messages of a goTalk server.")
    .version(version)
    .addOption(
      new Option("--url <address>", `the server (default: the one of the last login, or ${DEFAULT_URL})`).env(
        "GOTALK_URL",
      ),
    )
    .option("-q, --quiet", "say nothing but errors")
    .addHelpText("after", HELP)
    .showHelpAfterError("(gotalk --help tells more)")
    .exitOverride();
  const add: Add = (usage, description) =>
    program
      .command(usage)
      .description(description)
      .showHelpAfterError(`(gotalk ${usage.split(" ")[0]} --help tells more)`);

  add("register [name]", "make an account")
    .option("--invite-code <code>", "where one needs an invitation")
    .action((name, _, command) => register(name, command.optsWithGlobals()));
  add("login [name]", "log in").action((name, _, command) => login(name, command.optsWithGlobals()));
  add("logout", "end the session").action((_, command) => logout(command.optsWithGlobals()));
  add("whoami", "print who is logged in")
    .option("--json", "print the id and the server as well, as JSON")
    .action((_, command) => whoami(command.optsWithGlobals()));
  add("send <name> [message...]", "send the message, or else what comes from stdin")
    .option("--json", "print what the server said, as JSON")
    .option("--message-id <id>", "a UUIDv7: the same one again sends no second message")
    .action((name, words, _, command) => send(name, words, command.optsWithGlobals()));
  add("receive", "print messages as they come, until it is ended")
    .option("--json", "print one JSON object a line, or give it to the command")
    .option("--exec <command>", "run the command for each message; acknowledge it only if it succeeds")
    .option("--max-attempts <n>", "give a message up after so many attempts of the command", attempts)
    .option("--dead-letter <file>", "append each message that is given up to this file, as a line of JSON")
    .option("--no-wait", "end when no message is left")
    .addHelpText("after", EXEC_HELP)
    .action((_, command) => receive(command.optsWithGlobals()));
  add("chat <name>", "talk in the terminal, line by line").action((name, _, command) =>
    chat(name, command.optsWithGlobals()),
  );
  addAccountCommands(add);
  return program;
}

function attempts(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number, 1 or more.");
}

type Add = (usage: string, description: string) => Command;

function addAccountCommands(add: Add): void {
  add("password", "change the password, and end all other sessions").action((_, command) =>
    changePassword(command.optsWithGlobals()),
  );
  add("sessions", "list where you are logged in; * is here")
    .option("--json", "print one JSON object a line")
    .action((_, command) => listSessions(command.optsWithGlobals()));
  add("end-session <id>", "end one of your sessions").action((id, _, command) =>
    endSession(id, command.optsWithGlobals()),
  );
  add("block <name>", "refuse a user's messages").action((name, _, command) => block(name, command.optsWithGlobals()));
  add("unblock <name>", "take them again").action((name, _, command) => unblock(name, command.optsWithGlobals()));
  add("blocks", "list whom you have blocked")
    .option("--json", "print one JSON object a line")
    .action((_, command) => listBlocks(command.optsWithGlobals()));
  add("delete-account", "delete the account for good; the password is asked for")
    .option("--yes", "yes, for good")
    .action((_, command) => deleteAccount(command.optsWithGlobals()));
}
