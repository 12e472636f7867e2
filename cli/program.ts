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
import { version } from "./version.ts";

const help = (): string => `
Passwords are asked for on a terminal, and read from stdin as a line otherwise.

Exit codes: 0 done, 1 failed, 2 wrong command line, 65 the message shows nothing, is too long or not UTF-8,
67 nobody has that name, 69 the server cannot be reached, or something else answers in its place, 74 input or output
failed, 75 try again later, 77 not logged in or not allowed, 78 the saved state is damaged.

The session is kept in ${whereState()}`;

function whereState(): string {
  try {
    return stateFolder();
  } catch {
    return "$XDG_CONFIG_HOME/gotalk; you have no home folder, so set that";
  }
}

const EXEC_HELP = `
The command of --exec is run by the shell for each message: the content is its stdin, and GOTALK_SENDER,
GOTALK_SENDER_ID, GOTALK_MESSAGE_ID, GOTALK_SENT_AT and GOTALK_REDELIVERED are in its environment. When it fails the
message stays, and the command is run again after 1, 2, 4 ... 60 seconds; with --no-wait gotalk ends with 75 instead.
Messages after it wait. GOTALK_REDELIVERED is "true" when the command may have been run for the message before.

A message is given up when the command ends with ${SKIP_CODE} ("never with this message"), or after --max-attempts. Attempts are
counted from their beginning, on this computer, in all runs of gotalk; one that a signal to gotalk ended does not count.
What is given up is told on stderr, and goes to the file of --dead-letter; without one it is gone.`;

const DASHES = "what begins with - and is no option comes after --";

const urlOption = () =>
  new Option("--url <address>", `the server (default: the one of the last login, or ${DEFAULT_URL})`);
const quietOption = () => new Option("-q, --quiet", "say nothing but errors");

/** What stands after the command goes before what stands before it. */
const optionsOf = <T extends object>(command: Command): T => ({ ...command.parent?.opts(), ...command.opts<T>() }) as T;

/** The command line. Global options may stand before or after the command. */
export function programOf(): Command {
  const program = new Command("gotalk")
    .description("Sends and receives messages of a goTalk server.")
    .version(version)
    .addOption(urlOption().env("GOTALK_URL"))
    .addOption(quietOption())
    // So that a command may say where its own options end.
    .enablePositionalOptions()
    .addHelpText("after", help)
    .showHelpAfterError("(gotalk --help tells more)")
    .exitOverride();
  const add: Add = (usage, description) =>
    program
      .command(usage)
      .description(description)
      .addOption(urlOption())
      .addOption(quietOption())
      .showHelpAfterError(
        `(gotalk ${usage.split(" ")[0]} --help tells more${usage.includes("<") ? `; ${DASHES}` : ""})`,
      );

  add("register [name]", "make an account")
    .option("--invite-code <code>", "where one needs an invitation")
    .action((name, _, command) => register(name, optionsOf(command)));
  add("login [name]", "log in").action((name, _, command) => login(name, optionsOf(command)));
  add("logout", "end the session").action((_, command) => logout(optionsOf(command)));
  add("whoami", "print who is logged in")
    .option("--json", "print the id and the server as well, as JSON")
    .action((_, command) => whoami(optionsOf(command)));
  add("send <name> [message...]", "send what follows the name, whatever it looks like, or else what comes from stdin")
    .passThroughOptions()
    .option("--json", "print what the server said, as JSON")
    .option("--message-id <id>", "a UUIDv7: the same one again sends no second message")
    .action((name, words, _, command) => send(name, words, optionsOf(command)));
  add("receive", "print messages as they come, until it is ended")
    .option("--json", "print one JSON object a line, or give it to the command")
    .addOption(new Option("--raw", "print control characters as they came").conflicts(["json", "exec"]))
    .option("--exec <command>", "run the command for each message; acknowledge it only if it succeeds")
    .option("--max-attempts <n>", "give a message up after so many attempts of the command", attempts)
    .option("--dead-letter <file>", "append each message that is given up to this file, as a line of JSON")
    .option("--no-wait", "end when no message is left")
    .addHelpText("after", EXEC_HELP)
    .action((_, command) => receive(optionsOf(command)));
  add("chat <name>", "talk in the terminal, line by line").action((name, _, command) => chat(name, optionsOf(command)));
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
    changePassword(optionsOf(command)),
  );
  add("sessions", "list where you are logged in; * is here")
    .option("--json", "print one JSON object a line")
    .action((_, command) => listSessions(optionsOf(command)));
  add("end-session <id>", "end one of your sessions").action((id, _, command) => endSession(id, optionsOf(command)));
  add("block <name>", "refuse a user's messages").action((name, _, command) => block(name, optionsOf(command)));
  add("unblock <name>", "take them again").action((name, _, command) => unblock(name, optionsOf(command)));
  add("blocks", "list whom you have blocked")
    .option("--json", "print one JSON object a line")
    .action((_, command) => listBlocks(optionsOf(command)));
  add("delete-account", "delete the account for good; the password is asked for")
    .option("--yes", "yes, for good")
    .action((_, command) => deleteAccount(optionsOf(command)));
}
