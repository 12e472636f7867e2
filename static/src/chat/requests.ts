import type { Conversation } from "../storage/records.ts";

/**
 * Whether a conversation is a stranger's request: somebody has written to whom the user never wrote, and the user has not accepted
 * it. A group is one if such a person has added the user, and as long as this device does not know how the user came into it. That the
 * user is an admin says nothing: a stranger may have made them one.
 */
export function isRequest({ settings, hadMessage, isGroup, isBegun, isAdderAccepted }: Conversation): boolean {
  // Without a message the user has begun it, unless it is a group: the server names groups of which no message came here.
  // A message that is deleted here has come all the same.
  return (hadMessage || isGroup) && isBegun !== true && !settings.isAccepted && isAdderAccepted !== true;
}
