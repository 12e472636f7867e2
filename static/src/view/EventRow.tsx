import type { ComponentChildren, VNode } from "preact";
import { type GroupMessage, groupEventIn } from "../../../lib/client/index.ts";
import type { StoredMessage } from "../storage/records.ts";
import { eventText } from "../text/groupEvents.ts";
import { fullTime } from "../text/times.ts";
import { useChat } from "./context.ts";
import { useGroup } from "./group.ts";

/** An event of a group: a line in the middle, with nothing to be done with it. */
export function EventRow({ message, above }: { message: StoredMessage; above: ComponentChildren }): VNode {
  const { senderId: id, senderName: username, sentAt, content } = message;
  const event = groupEventIn({ content } as GroupMessage);
  const text = eventText(event, { id, username }, useChat().session.id, useGroup()?.members);
  return (
    <div class="row" data-id={message.id}>
      {above}
      <p class="event" title={fullTime(sentAt)}>
        {text}
      </p>
    </div>
  );
}
