import { rmSync } from "node:fs";
import { join } from "node:path";
import { newLoginId } from "../lib/client/index.ts";
import { asObject, asText } from "../lib/contract/json.ts";
import { makeStateFolder, readState, writeState } from "./state-folder.ts";

/*
 * A login may take effect without an answer, or its process may be killed before the session is saved. The device that it
 * got is then nobody's until a repeat with the same id gets it. So the id is saved until a session is.
 */

const file = (): string => join(makeStateFolder(), "login.json");

/** The id of a login: that of an attempt before it which has no session yet, or a new one. */
export function beginAttempt(url: string, username: string): string {
  const who = `${username.toLowerCase()} ${url}`;
  const saved = asObject(readState(file()));
  const known = saved["who"] === who ? asText(saved["loginId"]) : undefined;
  if (known !== undefined) return known;
  const loginId = newLoginId();
  writeState(file(), { who, loginId });
  return loginId;
}

/** Call it once the session is saved, or has ended. */
export const endAttempt = (): void => rmSync(file(), { force: true });
