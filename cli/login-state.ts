import { join } from "node:path";
import type { Session } from "../lib/client/index.ts";
import { asObject, asText, withTexts } from "../lib/contract/json.ts";
import { makeStateFolder, readState, requireWritable, stateFolder, unreadable, writeState } from "./state-folder.ts";

/** The last server and the session there. */
export interface LoginState {
  readonly url?: string | undefined;
  readonly session?: Session | undefined;
  /** The last session there after its end, see `LoginRequest.earlierToken`. */
  readonly earlier?: EarlierSession | undefined;
  /** What that user called this computer there, see `--device`. */
  readonly deviceName?: string | undefined;
}

/** The part of an ended session that is kept. */
interface EarlierSession {
  readonly username: string;
  readonly token: string;
}

const readEarlier = withTexts<EarlierSession>("username", "token");
const readSession = withTexts<Session>("token", "id", "username", "receipt", "expiresAt");

const file = (folder: string): string => join(folder, "session.json");

/** The path of the saved login. */
export const loginFile = (): string => file(stateFolder());

export function loadLogin(): LoginState {
  const path = loginFile();
  const saved = readState(path);
  if (saved === undefined) return {};
  const { url, session, earlier, deviceName } = asObject(saved);
  const login = {
    url: asText(url),
    session: session === undefined ? undefined : readSession(session),
    earlier: readEarlier(earlier),
    deviceName: asText(deviceName),
  };
  if (login.url === undefined || (session !== undefined && login.session === undefined)) throw unreadable(path);
  return login;
}

/** Call it before a session begins. @throws CliError when the session could not be saved */
export const requireSavable = (): void => requireWritable(file(makeStateFolder()));

export const saveLogin = ({ url, session, earlier, deviceName }: LoginState): void =>
  writeState(file(makeStateFolder()), { url, session, earlier, deviceName });

/** Saves that the session has ended. */
export const saveEnd = (url: string, { username, token }: Session): void =>
  saveLogin({ url, earlier: { username, token }, deviceName: loadLogin().deviceName });

/** The user's last login at a server, as far as it is saved. */
export interface LastLogin extends Pick<LoginState, "session" | "deviceName"> {
  readonly token?: string;
}

/** Nothing of a login goes to another server. */
export function lastLogin({ url, session, earlier, deviceName }: LoginState, at: string, username: string): LastLogin {
  const last = session ?? earlier;
  return url === at && last?.username === username.toLowerCase() ? { token: last.token, session, deviceName } : {};
}
