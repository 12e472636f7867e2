import { ProblemError } from "../../lib/client/index.ts";
import { anonymous, type GlobalOptions, loggedIn, warnOfPlainHttp } from "../context.ts";
import { withHint } from "../failures.ts";
import { readName, readNewPassword } from "../input.ts";
import { loadLogin, loginFile, requireSavable, saveEnd, saveLogin } from "../login-state.ts";
import { print, printText } from "../output.ts";
import { jsonLine } from "../text.ts";

/** `gotalk register [NAME]` */
export async function register(
  name: string | undefined,
  options: GlobalOptions & { readonly inviteCode?: string },
): Promise<void> {
  const { client, url, notice, onRetry } = await anonymous(options);
  const before = loadLogin();
  requireSavable();
  warnOfPlainHttp(url, options);
  const username = name ?? (await readName());
  const password = await readNewPassword();
  const newcomer = { username, password, inviteCode: options.inviteCode };
  const user = await withHint(
    client.register(newcomer, { onRetry }),
    `${username} may be registered. Try again with the same password to be sure.`,
  );
  // Keeps an existing login.
  if (before.session === undefined) saveLogin(before.url === url ? before : { url });
  notice(`${user.username} is registered at ${url}. Next: gotalk login ${user.username}`);
}

/** `gotalk logout`. A device of its own leaves with the session. */
export async function logout(options: GlobalOptions): Promise<void> {
  const { client, url, session, notice, onRetry } = await loggedIn(options);
  const hint = `The session may have ended. Try again to be sure. To log out on this computer only, remove ${loginFile()}`;
  await withHint(client.logout({ onRetry }), hint);
  saveEnd(url, session);
  notice(`${session.username} is logged out.`);
}

/** `gotalk whoami`. Asks the server, since the session may have ended. */
export async function whoami(options: GlobalOptions & { readonly json?: boolean }): Promise<void> {
  const { client, url, session, onRetry } = await loggedIn(options);
  const user = await client.find(session.username, { onRetry });
  if (user.id !== session.id) throw new ProblemError({ status: 401, code: "invalid_token", detail: "" });
  await (options.json ? print(jsonLine({ ...user, url })) : printText(`${user.username}\n`));
}
