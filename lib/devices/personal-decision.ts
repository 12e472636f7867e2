import { type DeviceMap, dayOf, missedAsShared, sharedOf, withDevice } from "./device-map.ts";
import { expire } from "./expiry-decision.ts";
import { type FreshLogin, type LoginDecision, logIn, logInAnew, repeatOf } from "./login-decision.ts";

export interface PersonalRequest extends FreshLogin {
  /** No other session on the shared device is alive. */
  readonly isAlone: boolean;
}

/**
 * Which device a session of the shared device gets when it becomes personal. If it is the only session there, the shared device
 * becomes its own. Otherwise it gets what a login by a name gets. A repeat, by its `loginId`, gets what its first try got.
 *
 * Another session may have begun on the shared device since the caller looked. So the caller ends the other sessions on the
 * channel that it got, once the map is stored. Every login on a personal device does so.
 */
export function decidePersonal(stored: DeviceMap, request: PersonalRequest): LoginDecision {
  const { isAlone, loginId, session, now, newId } = request;
  const map = expire(stored, dayOf(now));
  const repeated = repeatOf(map, loginId);
  if (repeated) return logIn(map, repeated, request);
  const shared = sharedOf(map);
  if (!isAlone || shared === undefined) return logInAnew(map, request, undefined);
  const missed = shared.missed ?? missedAsShared(map, shared);
  const device = { ...shared, shared: undefined, missed, id: newId, login: loginId, session, seen: dayOf(now) };
  return { kind: "device", map: withDevice(map, shared, device), device };
}
