import type { Sent } from "../lib/client/index.ts";
import type { LoggedIn } from "./context.ts";
import { listed } from "./group-text.ts";
import { printError } from "./output.ts";
import type { Place } from "./places.ts";

type Parts = Pick<LoggedIn, "client" | "onRetry">;

/**
 * Tells which members of a group miss a message. It is no failure: all others have it, and a repeat would change nothing.
 *
 * @param tell Default: on stderr.
 */
export async function tellMissed(
  { client, onRetry }: Parts,
  { id }: Pick<Place, "id">,
  { missedBy = [] }: Pick<Sent, "missedBy">,
  tell: (text: string) => void = printError,
): Promise<void> {
  if (missedBy.length === 0) return;
  const names = await namesIn(client.group(id, { onRetry }));
  const who = listed(missedBy.map((member) => names.get(member) ?? member));
  tell(`Not delivered to ${who}: too many messages are waiting for them. All others have it.`);
}

/** The names of the members by their ids. None if the group cannot be read: the message was sent all the same. */
async function namesIn(group: ReturnType<LoggedIn["client"]["group"]>): Promise<ReadonlyMap<string, string>> {
  try {
    return new Map((await group).members.map(({ id, username }) => [id, username]));
  } catch {
    return new Map();
  }
}
