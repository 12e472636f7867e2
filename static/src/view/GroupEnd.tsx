import type { VNode } from "preact";
import type { Gone } from "../storage/records.ts";
import { useGroup } from "./group.ts";

/** Says why the user is no longer in a group. */
export function wordsOfEnd({ how, by }: Gone): string {
  if (how === "left") return "You have left this group.";
  return by === undefined ? "You are not in this group any more." : `${by} has removed you from this group.`;
}

/** Says in place of the box that nothing can be written any more. What was typed stays in the box, to be copied. */
export function GroupEnd({ hasDraft }: { hasDraft: boolean }): VNode | null {
  const gone = useGroup()?.gone;
  if (gone === undefined) return null;
  return (
    <p class="message-bar calm" role="note">
      {wordsOfEnd(gone)} The messages stay on this device. You can no longer write here.
      {hasDraft && " What you have typed is kept below, so that you can copy it."}
    </p>
  );
}
