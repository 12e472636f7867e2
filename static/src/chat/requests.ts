import type { Conversation } from "../storage/records.ts";

/**
 * Whether a conversation is a stranger's request: somebody has written whom the user has neither written to nor accepted. A group is
 * a request if such a person has added the user, and as long as this device does not know how the user joined. Being an admin does
 * not count: a stranger may have made the user one.
 */
export function isRequest({ settings, hadMessage, isGroup, isBegun, isAdderAccepted }: Conversation): boolean {
  // Without a message the user has begun it, unless it is a group: the server names groups of which no message came here.
  // A message that is deleted here has come all the same.
  return (hadMessage || isGroup) && isBegun !== true && !settings.isAccepted && isAdderAccepted !== true;
}
