import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";

const PARAMETER = "join";

/**
 * The page's link that lets into a group. The page reads what is behind the `#`, and no server sees it.
 *
 * @param name The group's name, which the page shows before somebody joins.
 */
export const inviteLink = (url: string, code: string, name: string): string =>
  `${url}/#${new URLSearchParams({ [PARAMETER]: code, name })}`;

/**
 * Reads what somebody was invited with: a code, or the link that bears it.
 *
 * @param url The server of the login.
 * @throws CliError for a link of another server, and for one without a code
 */
export function readInvite(text: string, url: string): string {
  const invite = text.trim();
  if (!/^https?:/i.test(invite)) return invite;
  const link = URL.canParse(invite) ? new URL(invite) : undefined;
  const code = new URLSearchParams(link?.hash.slice(1)).get(PARAMETER);
  if (link === undefined || code === null || code === "") {
    throw new CliError(EXIT.usage, `"${invite}" invites to no group. Such a link has #${PARAMETER}= and a code.`);
  }
  if (link.origin === new URL(url).origin) return code;
  // It does not say "log in there": a link is no reason to give another server a password.
  throw new CliError(
    EXIT.noPermission,
    `The link leads to a group at ${link.origin}, and you are logged in at ${url}. It does not work here.`,
  );
}
