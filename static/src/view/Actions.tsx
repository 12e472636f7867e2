import { useComputed } from "@preact/signals";
import type { VNode } from "preact";
import type { Timeline } from "../chat/timeline.ts";
import type { StoredMessage } from "../storage/records.ts";
import { ActionsBar } from "./ActionsBar.tsx";

interface ActionsProps {
  readonly message: StoredMessage;
  readonly timeline: Timeline;
}

/** What the person can do with a message: shown on the one that is pointed at or has the focus. */
export function Actions({ message, timeline }: ActionsProps): VNode | null {
  const isActive = useComputed(() => timeline.active.value === message.id).value;
  return isActive ? <ActionsBar message={message} timeline={timeline} /> : null;
}
