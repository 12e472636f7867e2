import { Command, InvalidArgumentError, Option } from "commander";
import { logout, register, whoami } from "./commands/account.ts";
import { chat } from "./commands/chat.ts";
import { listDevices, removeDevice } from "./commands/devices.ts";
import {
  addMembers,
  createGroup,
  inviteToGroup,
  joinGroup,
  leaveGroup,
  listGroups,
  removeMembers,
  renameGroup,
  setAdmin,
  showGroup,
} from "./commands/groups.ts";
import { login } from "./commands/login.ts";
import { deleteMessage, editMessage, react } from "./commands/marks.ts";
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
import { save } from "./commands/save.ts";
import { reply, send } from "./commands/send.ts";
import { DEFAULT_URL } from "./context.ts";
import { SKIP_CODE } from "./handler-command.ts";
import { stateFolder } from "./state-folder.ts";
import { version } from "./version.ts";

const help = (): string => `
On a terminal gotalk asks for passwords. Otherwise it reads each password as a line of stdin.

Exit codes: 0 done, 1 failed, 2 wrong command line, name, id or password, 65 the message is blank, too long or not
UTF-8, or a file is too large, damaged or no longer stored, 67 no such user or group, 69 the server cannot be reached, or something else answers for it, 74 input or output
failed, 75 try again later, 77 not logged in or not allowed, 78 the saved state is damaged.

The session is kept in ${whereState()}`;

function whereState(): string {
  try {
    return stateFolder();
  } catch {
    return "$XDG_CONFIG_HOME/gotalk. You have no home folder, so set this variable.";
  }
}

const EXEC_HELP = `
The shell runs the command of --exec for each message. The content is its stdin, and its environment has GOTALK_SENDER,
GOTALK_SENDER_ID, GOTALK_MESSAGE_ID, GOTALK_SENT_AT, GOTALK_REDELIVERED and GOTALK_TYPE, for a reply GOTALK_ABOUT. If it
fails, the message stays, and the command runs again after 1, 2, 4 ... 60 seconds; with --no-wait gotalk ends with 75
instead. Later messages wait. The command gets texts alone; with --all also files, edits, deletions, reactions, receipts
and events of groups, told apart by GOTALK_TYPE.
With --files it gets files, too, and the path of each as GOTALK_FILE. If a file is damaged or no longer stored, it has
GOTALK_FILE_ERROR instead.
GOTALK_REDELIVERED is "true" if the command may have run for the message before. GOTALK_TO and GOTALK_TO_ID name the
group of the message; with --own-copies also the user whom you sent it to.

gotalk gives a message up when the command ends with ${SKIP_CODE} ("never with this message"), or after --max-attempts. An attempt
counts from its beginning, on this computer, in all runs of gotalk, unless a signal to gotalk ended it. gotalk reports
the message on stderr and appends it to the file of --dead-letter. Without this file the message is gone.`;

const DASHES = "put -- before arguments that begin with - and are no options";

const urlOption = () =>
  new Option("--url <address>", `the server (default: the one of the last login, or ${DEFAULT_URL})`);
const groupOption = () =>
  new Option("--group", "the name is a group's, although there may be a user with the same name");
const quietOption = () => new Option("-q, --quiet", "print errors only");

/** Options after the command override options before it. */
const optionsOf = <T extends object>(command: Command): T =>
  ({ ...(command.parent && optionsOf(command.parent)), ...command.opts<T>() }) as T;

type Add = (usage: string, description: string) => Command;

/** @param path The command that the added ones belong to. */
const adderTo =
  (parent: Command, path: string): Add =>
  (usage, description) =>
    parent
      .command(usage)
      .description(description)
      .addOption(urlOption())
      .addOption(quietOption())
      .showHelpAfterError(`(see ${path} ${usage.split(" ")[0]} --help${usage.includes("<") ? `; ${DASHES}` : ""})`);

/** The command line. Global options may come before or after the command. */
export function programOf(): Command {
  const program = new Command("gotalk")
    .description("Sends and receives messages of a goTalk server.")
    .version(version)
    .addOption(urlOption().env("GOTALK_URL"))
    .addOption(quietOption())
    // One prefix for all that goes wrong.
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "gotalk: ")) })
    // So that a command can end its own options.
    .enablePositionalOptions()
    .addHelpText("after", help)
    .showHelpAfterError("(see gotalk --help)")
    .exitOverride();
  const add = adderTo(program, "gotalk");

  add("register [name]", "make an account")
    .option("--invite-code <code>", "the invitation, if the server asks for one")
    .action((name, _, command) => register(name, optionsOf(command)));
  add("login [name]", "log in, and make this computer one of your devices: each of them gets every message")
    .addOption(
      new Option("--device <name>", "what to call this computer (default: as before, or the host's name)").conflicts(
        "shared",
      ),
    )
    .option("--shared", "share the messages with all logins of this kind, each message for one of them")
    .option("--replace <id>", "remove this device if you have too many")
    .action((name, _, command) => login(name, optionsOf(command)));
  add("logout", "end the session, and remove this device").action((_, command) => logout(optionsOf(command)));
  add("whoami", "print who is logged in")
    .option("--json", "print the name, the id and the server as JSON")
    .action((_, command) => whoami(optionsOf(command)));
  add("send <name> [message...]", "send the words after the name to a user or a group, or else the text from stdin")
    .passThroughOptions()
    .addOption(groupOption())
    .option("--file <path>", "send a file, encrypted; it may also stand after the name, alone", once)
    .option("--json", JSON_HELP)
    .option("--message-id <id>", "the idempotency key, a UUIDv7: a repeat with it sends no second message")
    .action((name, words, _, command) => send(name, words, optionsOf(command)));
  add(
    "save <message-id> [folder]",
    "save a file that receive or chat has shown, here or in the folder, and print its path",
  )
    .option("--json", "print the path as JSON")
    .action((id, folder = ".", _, command) => save(id, folder, optionsOf(command)));
  addMessageCommands(add);
  addGroupCommands(adderTo(add("group", "make, show and change groups"), "gotalk group"));
  add("receive", "print messages as they arrive, until a signal ends it")
    .option("--json", "print one JSON object per line, or give it to the command")
    .addOption(new Option("--raw", "print control characters as they are").conflicts(["json", "exec"]))
    .option("--exec <command>", "run the command for each message; acknowledge it only if it succeeds")
    .option("--max-attempts <n>", "give a message up after so many attempts of the command", attempts)
    .option("--dead-letter <file>", "append each message that is given up to this file, as a line of JSON")
    .option("--files <folder>", "save files in the folder, each under a name of its own, before they are acknowledged")
    .option("--all", "give a program messages of all types, and not texts alone")
    .option("--ids", "show people the ids of texts and files, which reply, react, edit and delete need")
    .option("--receipts", "tell senders that their messages have arrived, as the page does")
    .option("--own-copies", "also print what you send from your other devices")
    .option("--no-wait", "end when no message is left")
    .addHelpText("after", EXEC_HELP)
    .action((_, command) => receive(optionsOf(command)));
  add("chat <name>", "chat with a user or in a group, line by line")
    .addOption(groupOption())
    .option("--ids", "show the ids of texts and files")
    .option("--no-receipts", "tell nobody what you have read")
    .action((name, _, command) => chat(name, optionsOf(command)));
  addAccountCommands(add);
  return program;
}

/** The value of an option that is given once. */
function once(text: string, before: string | undefined): string {
  if (before === undefined) return text;
  throw new InvalidArgumentError("Give one file, and send each other one by itself.");
}

function attempts(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number, 1 or more.");
}

const GROUP_JSON_HELP = "print the group as JSON";

const JSON_HELP = "print the server's answer as JSON";

/** Commands about a message that was sent before. */
function addMessageCommands(add: Add): void {
  add("reply <name> <message-id> [message...]", "send a text that answers a message, as send does")
    .passThroughOptions()
    .addOption(groupOption())
    .option("--json", JSON_HELP)
    .option("--message-id <id>", "the idempotency key of the reply, a UUIDv7")
    .action((name, about, words, _, command) => reply(name, about, words, optionsOf(command)));
  add("react <name> <message-id> [emoji]", "react to a message with an emoji, which replaces your last reaction")
    .addOption(groupOption())
    .option("--remove", "take your reaction back")
    .option("--json", JSON_HELP)
    .action((name, about, emoji, _, command) => react(name, about, emoji, optionsOf(command)));
  add("edit <name> <message-id> [message...]", "change a text that you sent; the new one is given as to send")
    .passThroughOptions()
    .addOption(groupOption())
    .option("--json", JSON_HELP)
    .action((name, about, words, _, command) => editMessage(name, about, words, optionsOf(command)));
  add("delete <name> <message-id>", "delete a message that you sent, for everyone and for good")
    .addOption(groupOption())
    .option("--json", JSON_HELP)
    .action((name, about, _, command) => deleteMessage(name, about, optionsOf(command)));
}

/** Commands about groups. A group is named by its id or its name. */
function addGroupCommands(add: Add): void {
  add("create <name> [members...]", "make a group with these users, and print its id; you are its admin")
    .option("--json", GROUP_JSON_HELP)
    .action((name, members, _, command) => createGroup(name, members, optionsOf(command)));
  add("list", "list your groups: the id, the number of members, * if you are an admin, and the name")
    .option("--json", "print one JSON object per line")
    .action((_, command) => listGroups(optionsOf(command)));
  add("show <group>", "show a group and its members")
    .option("--json", GROUP_JSON_HELP)
    .action((group, _, command) => showGroup(group, optionsOf(command)));
  add("add <group> <members...>", "add users to a group; admins may")
    .option("--admin", "make them admins, also those who are in the group")
    .option("--json", GROUP_JSON_HELP)
    .action((group, members, _, command) => addMembers(group, members, optionsOf(command)));
  add("remove <group> <members...>", "remove members from a group, and make its invite link void; admins may").action(
    (group, members, _, command) => removeMembers(group, members, optionsOf(command)),
  );
  add("admin <group> <member>", "make a member an admin; admins may")
    .option("--off", "the member is no longer an admin")
    .option("--json", GROUP_JSON_HELP)
    .action((group, member, _, command) => setAdmin(group, member, optionsOf(command)));
  add("rename <group> <name>", "give a group another name; admins may")
    .option("--json", GROUP_JSON_HELP)
    .action((group, name, _, command) => renameGroup(group, name, optionsOf(command)));
  add("invite <group>", "print a new code, and a new link, by which others can join; admins may")
    .option("--json", "print both as JSON")
    .action((group, _, command) => inviteToGroup(group, optionsOf(command)));
  add("join <code>", "join a group by its code or its link, and print its id")
    .option("--json", GROUP_JSON_HELP)
    .action((code, _, command) => joinGroup(code, optionsOf(command)));
  add("leave <group>", "leave a group").action((group, _, command) => leaveGroup(group, optionsOf(command)));
}

function addAccountCommands(add: Add): void {
  add("password", "change the password, and end all other sessions").action((_, command) =>
    changePassword(optionsOf(command)),
  );
  add("sessions", "list your sessions; * marks this one")
    .option("--json", "print one JSON object per line")
    .action((_, command) => listSessions(optionsOf(command)));
  add("end-session <id>", "end one of your sessions, and remove its device").action((id, _, command) =>
    endSession(id, optionsOf(command)),
  );
  add("devices", "list your devices; * marks this one")
    .option("--json", "print one JSON object per line")
    .action((_, command) => listDevices(optionsOf(command)));
  add("remove-device <id>", "remove one of your devices, and end its session").action((id, _, command) =>
    removeDevice(id, optionsOf(command)),
  );
  add("block <name>", "refuse a user's messages").action((name, _, command) => block(name, optionsOf(command)));
  add("unblock <name>", "accept a user's messages again").action((name, _, command) =>
    unblock(name, optionsOf(command)),
  );
  add("blocks", "list the users that you have blocked")
    .option("--json", "print one JSON object per line")
    .action((_, command) => listBlocks(optionsOf(command)));
  add("delete-account", "delete the account for good; asks for the password")
    .option("--yes", "confirm the deletion")
    .action((_, command) => deleteAccount(optionsOf(command)));
}
