import { join } from "node:path";
import { asObject, asText } from "../lib/client/json.ts";
import { withTexts } from "../lib/client/model.ts";
import type { Session } from "../lib/client.ts";
import { makeStateFolder, readState, stateFolder, unreadable, writeState } from "./state-folder.ts";

/** Which server was talked to last, and who is logged in there. */
export interface LoginState {
  readonly url?: string | undefined;
  readonly session?: Session | undefined;
}

const readSession = withTexts<Session>("token", "id", "username", "receipt", "expiresAt");

const file = (folder: string): string => join(folder, "session.json");

export function loadLogin(): LoginState {
  const path = file(stateFolder());
  const saved = readState(path);
  if (saved === undefined) return {};
  const { url, session } = asObject(saved);
  const login = { url: asText(url), session: session === undefined ? undefined : readSession(session) };
  if (login.url === undefined || (session !== undefined && login.session === undefined)) throw unreadable(path);
  return login;
}

export const saveLogin = ({ url, session }: LoginState): void => writeState(file(makeStateFolder()), { url, session });
