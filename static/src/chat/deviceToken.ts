import type { Session } from "../../../lib/client/index.ts";
import { attempt } from "../storage/safely.ts";

/**
 * In `localStorage`, one for each user. It outlives a logout: the token is worth nothing by itself once the session has
 * ended.
 */
const keyOf = (username: string): string => `gotalk.device.${username.toLowerCase()}`;

/** Saves the token by which the server recognises this browser at the user's next login. */
export const saveDeviceToken = ({ username, token }: Session): void =>
  void attempt(() => localStorage.setItem(keyOf(username), token));

/** The token of the user's last login in this browser, see `LoginRequest.earlierToken`. */
export const earlierTokenOf = (username: string): string | undefined =>
  attempt(() => localStorage.getItem(keyOf(username))) ?? undefined;

/** Removes it. */
export const removeDeviceToken = (username: string): void =>
  void attempt(() => localStorage.removeItem(keyOf(username)));
