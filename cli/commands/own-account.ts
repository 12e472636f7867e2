import { ProblemError } from "../../lib/client/index.ts";
import { removeChains } from "../chain.ts";
import { type GlobalOptions, loggedIn, warnOfPlainHttp } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { CliError, NO_SUCH_SESSION, withCurrentPassword, withHint } from "../failures.ts";
import { readNewPassword, readPassword } from "../input.ts";
import { removeKeptFiles } from "../kept-files.ts";
import { removeMark } from "../last-mark.ts";
import { saveLogin } from "../login-state.ts";
import { print, printText } from "../output.ts";
import { peopleNamed } from "../places.ts";
import { jsonLine } from "../text.ts";

export interface ListOptions extends GlobalOptions {
  readonly json?: boolean;
}

/** `gotalk password`. Reads the current password and the new one, as two lines if stdin is not a terminal. */
export async function changePassword(options: GlobalOptions): Promise<void> {
  const { client, url, notice, onRetry } = await loggedIn(options);
  warnOfPlainHttp(url, options);
  const password = await readPassword("Current password:");
  const newPassword = await readNewPassword("New password:");
  await withHint(
    withCurrentPassword(client.changePassword({ password, newPassword, onRetry })),
    "The password may have changed. Try again with the same two passwords to be sure.",
  );
  notice("The password is changed, and your other sessions have ended.");
}

/** `gotalk sessions` */
export async function listSessions(options: ListOptions): Promise<void> {
  const { client, onRetry } = await loggedIn(options);
  for (const session of await client.sessions({ onRetry })) {
    const { sessionId, createdAt, userAgent, current } = session;
    const line = `${sessionId} ${createdAt} ${current ? "* " : ""}${userAgent}`.trimEnd();
    await (options.json ? print(jsonLine(session)) : printText(`${line}\n`));
  }
}

/** `gotalk end-session ID`. */
export async function endSession(sessionId: string, options: GlobalOptions): Promise<void> {
  const { client, notice, onRetry } = await loggedIn(options);
  await withHint(
    client.endSession(sessionId, { onRetry }).catch((error: unknown) => {
      throw error instanceof ProblemError && error.code === "not_found"
        ? new CliError(EXIT.usage, NO_SUCH_SESSION, { cause: error })
        : error;
    }),
    "The session may have ended: gotalk sessions lists the sessions that are left.",
  );
  notice(`The session ${sessionId} has ended.`);
}

/** `gotalk delete-account --yes`. Asks for the password. */
export async function deleteAccount(options: GlobalOptions & { readonly yes?: boolean }): Promise<void> {
  const { client, url, session, notice, onRetry } = await loggedIn(options);
  if (!options.yes) {
    throw new CliError(EXIT.usage, `${session.username} would be deleted for good. To confirm, add --yes.`);
  }
  warnOfPlainHttp(url, options);
  await withHint(
    withCurrentPassword(client.deleteAccount(await readPassword(), { onRetry })),
    `${session.username} may be deleted. Try again to be sure.`,
  );
  saveLogin({ url });
  removeChains(session.id);
  removeMark(session.id);
  removeKeptFiles(session.id);
  notice(`The account ${session.username} is deleted.`);
}

const UNSURE_BLOCK = "The change may have been made: gotalk blocks lists the users that you have blocked.";

/** `gotalk block NAME` */
export async function block(name: string, options: GlobalOptions): Promise<void> {
  const context = await loggedIn(options);
  const { client, notice, onRetry } = context;
  for (const user of await peopleNamed(context, [name])) {
    await withHint(client.block(user.id, { onRetry }), UNSURE_BLOCK);
    notice(`You have blocked ${user.name}: the server refuses their messages to you.`);
  }
}

/** `gotalk unblock NAME`. Also for a deleted user, by the name in the list of blocks. */
export async function unblock(name: string, options: GlobalOptions): Promise<void> {
  const { client, notice, onRetry } = await loggedIn(options);
  const blocked = (await client.blocks({ onRetry })).filter(({ username }) => username === name.toLowerCase());
  if (blocked.length === 0) throw new CliError(EXIT.noUser, `You have not blocked ${name}.`);
  for (const { id } of blocked) await withHint(client.unblock(id, { onRetry }), UNSURE_BLOCK);
  notice(`${name.toLowerCase()} can send you messages again.`);
}

/** `gotalk blocks` */
export async function listBlocks(options: ListOptions): Promise<void> {
  const { client, notice, onRetry } = await loggedIn(options);
  const users = await client.blocks({ onRetry });
  if (users.length === 0) notice("You have blocked nobody.");
  for (const user of users) {
    await (options.json ? print(jsonLine(user)) : printText(`${user.username}\n`));
  }
}
