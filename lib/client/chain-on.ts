import { v4 } from "uuid";
import { isPersonal, type Session } from "./model.ts";
import type { InboxState } from "./receive-options.ts";

/**
 * The chain of receipts with which a session goes on. It is a new one if the session is on another device than the chain.
 * The chain of the shared device goes on when its session gets a device of its own.
 *
 * @param saved Where the receiver stopped. Default: it begins, with the receipt of the login.
 */
export function chainOn(session: Session, saved: InboxState = { receipt: session.receipt, recent: [] }): InboxState {
  const { deviceId, continuedDeviceId } = session;
  const isOfAnother = isPersonal(saved.deviceId) && ![deviceId, continuedDeviceId].includes(saved.deviceId);
  // Not the login's receipt: several processes may each go on from a state of its own, and each needs its own chain.
  return { ...saved, deviceId, ...(isOfAnother && { receipt: v4() }) };
}
