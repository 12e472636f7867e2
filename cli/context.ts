import { Client, type ClientError, type OnRetry, ProblemError, type Session } from "../lib/client/index.ts";
import { EXIT } from "./exit-codes.ts";
import { CliError, explain, notLoggedIn } from "./failures.ts";
import { loadLogin } from "./login-state.ts";
import { isLocal, networkFor } from "./network.ts";
import { type Notice, noticeBy, printError } from "./output.ts";

/** Where `npm start` serves. */
export const DEFAULT_URL = "http://localhost:9000";

/** Options that every command takes. */
export interface GlobalOptions {
  /** From `--url` or `GOTALK_URL`. */
  readonly url?: string;
  readonly quiet?: boolean;
}

/** How long a call is repeated, in milliseconds. `receive` and `chat` go on without an end. */
const GIVE_UP_AFTER = 10_000;

/** What a command works with. */
export interface Context {
  readonly client: Client;
  readonly url: string;
  readonly notice: Notice;
  readonly onRetry: OnRetry;
}

/** A context with a session. */
export interface LoggedIn extends Context {
  readonly session: Session;
}

/** For commands that need no session: the saved server, or the local one. */
export async function anonymous(options: GlobalOptions): Promise<Context> {
  const saved = options.url === undefined ? loadLogin().url : undefined;
  return contextOf(options, checkUrl(options.url ?? saved ?? DEFAULT_URL));
}

/**
 * For commands that need a session. The token goes only to the server that issued it.
 *
 * @param isLive Whether the command receives messages as they come.
 */
export async function loggedIn(options: GlobalOptions, isLive = false): Promise<LoggedIn> {
  const { url = DEFAULT_URL, session } = loadLogin();
  if (session === undefined) throw notLoggedIn();
  const wanted = options.url === undefined ? url : checkUrl(options.url);
  if (wanted !== url) {
    throw new CliError(
      EXIT.noPermission,
      `You are logged in at ${url}, not at ${wanted}. Log in there first: gotalk login`,
    );
  }
  return { ...(await contextOf(options, url, { session, isLive })), session };
}

interface Use {
  readonly session?: Session;
  readonly isLive?: boolean;
}

async function contextOf(options: GlobalOptions, url: string, { session, isLive = false }: Use = {}): Promise<Context> {
  const notice = noticeBy(options.quiet ?? false);
  const network = await networkFor(url, isLive);
  const client = new Client({ url, session, retry: { giveUpAfter: GIVE_UP_AFTER }, ...network });
  return { client, url, notice, onRetry: (error) => notice(retryNotice(error)) };
}

/** Warns, before a password is asked for, that others can read it. */
export function warnOfPlainHttp(url: string, { quiet = false }: GlobalOptions): void {
  if (quiet || !url.startsWith("http:") || isLocal(url)) return;
  printError(`Warning: ${url} is not encrypted. Everybody between you and the server can read your password.`);
}

const retryNotice = (error: ClientError): string =>
  `${error instanceof ProblemError ? error.detail : explain(error)} Trying again ...`;

function checkUrl(text: string): string {
  const url = parsed(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "" || url.hash !== "") {
    throw new CliError(
      EXIT.usage,
      `"${text}" is not a server's address. An address looks like https://talk.example.com`,
    );
  }
  return url.href.replace(/\/+$/, "");
}

function parsed(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
