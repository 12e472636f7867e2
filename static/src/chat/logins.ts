import { isPersonal, newLoginId, type Session } from "../../../lib/client/index.ts";
import { attempt } from "../storage/safely.ts";

/*
 * What this browser keeps of a user's logins, in `localStorage`. It outlives a logout: neither the token nor the device's
 * id is worth anything without the password once the session has ended.
 */

/** The name of an entry: the token of the last login, its device, and the id of a login that is not answered yet. */
type Kind = "device" | "deviceId" | "loginId";

const keyOf = (kind: Kind, username: string): string => `gotalk.${kind}.${username.toLowerCase()}`;

/** The same entries for a browser that stores nothing. They last as long as the tab. */
const inMemory = new Map<string, string>();

function read(kind: Kind, username: string): string | undefined {
  const key = keyOf(kind, username);
  const stored = attempt(() => localStorage.getItem(key));
  return (stored === undefined ? inMemory.get(key) : stored) ?? undefined;
}

function write(kind: Kind, username: string, value: string): void {
  const key = keyOf(kind, username);
  inMemory.set(key, value);
  attempt(() => localStorage.setItem(key, value));
}

function remove(kind: Kind, username: string): void {
  const key = keyOf(kind, username);
  inMemory.delete(key);
  attempt(() => localStorage.removeItem(key));
}

/** Keeps what the user's next login in this browser needs. The login that is answered is no longer open. */
export function rememberLogin({ username, token, deviceId }: Session): void {
  write("device", username, token);
  if (isPersonal(deviceId)) write("deviceId", username, deviceId);
  remove("loginId", username);
}

/** What the user's next login in this browser asks for, see `LoginRequest`. */
export const rememberedLogin = (
  username: string,
): { readonly earlierToken: string | undefined; readonly deviceId: string | undefined } => ({
  earlierToken: read("device", username),
  deviceId: read("deviceId", username),
});

/**
 * The id of the user's next login. Every attempt has the same one until a login is answered, also after a reload: an
 * attempt without an answer may have taken the user's device, and what waits there.
 */
export function openLoginId(username: string): string {
  const open = read("loginId", username);
  if (open !== undefined) return open;
  const loginId = newLoginId();
  write("loginId", username, loginId);
  return loginId;
}

/** Forgets all of it. */
export function deleteLogins(username: string): void {
  for (const kind of ["device", "deviceId", "loginId"] as const) remove(kind, username);
}
