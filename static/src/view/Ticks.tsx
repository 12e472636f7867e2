import type { VNode } from "preact";
import { tickOf } from "../../../lib/client/index.ts";
import type { StoredMessage } from "../storage/records.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";

/** How far a message of the user has come, in words for screen readers. */
export function Ticks({ message }: { message: StoredMessage }): VNode {
  const tick = tickOf(message, useChat().settings.tellsRead.value);
  return (
    <span class="ticks" data-tick={tick}>
      <Icon name={tick === "sent" ? "check" : "checks"} />
      <span class="visually-hidden">Sent</span>
      {tick !== "sent" && <span class="visually-hidden">{tick === "read" ? "Read" : "Delivered"}</span>}
    </span>
  );
}
