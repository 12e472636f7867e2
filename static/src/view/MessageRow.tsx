import type { ComponentChildren, VNode } from "preact";
import { useRef } from "preact/hooks";
import { fileParts } from "../chat/fileParts.ts";
import type { QueuedMessage, StoredMessage } from "../storage/records.ts";
import { saying } from "../text/saying.ts";
import { colourOf } from "./Avatar.tsx";
import { useFocusBeside } from "./focus.ts";
import { Text } from "./Text.tsx";

interface MessageRowProps {
  readonly id: string;
  readonly message: StoredMessage | QueuedMessage;
  readonly isOwn: boolean;
  /** The name of the sender, if it is another person. */
  readonly name: string;
  /** Whether the name is to be seen: in a group. Screen readers have it in any case. */
  readonly isNamed?: boolean;
  /** Whether it follows another message of the same group. */
  readonly isContinued: boolean;
  /** The lines above it. */
  readonly above?: ComponentChildren;
  /** What it replies to. */
  readonly quote?: ComponentChildren;
  /** What others say about it. */
  readonly below?: ComponentChildren;
  /** What the person can do with it. */
  readonly actions?: ComponentChildren;
  /** When it was sent, or the progress of sending it. */
  readonly meta: ComponentChildren;
  /** Why it is not sent, and what to do. */
  readonly trouble?: ComponentChildren;
}

/**
 * A message, sent or not. Both are the same element, so a message that has been sent is not announced again and does
 * not move.
 */
export function MessageRow(props: MessageRowProps): VNode {
  const { id, message, isOwn, name, isNamed = false, isContinued, above, quote, below, actions, meta, trouble } = props;
  const row = useRef<HTMLDivElement>(null);
  useFocusBeside(row);
  return (
    <div ref={row} class="row" data-id={id}>
      {above}
      <div class="placed">
        <article
          class="bubble"
          tabIndex={-1}
          data-own={isOwn}
          data-continued={isContinued}
          data-failed={trouble !== undefined}
        >
          {isNamed && !isOwn && !isContinued ? (
            <strong class="sender" data-person={colourOf(name)}>
              {name}
              <span class="visually-hidden">: </span>
            </strong>
          ) : (
            <span class="visually-hidden">{isOwn ? "You" : name}: </span>
          )}
          {quote}
          <Body id={id} message={message} />
          <span class="meta">{meta}</span>
        </article>
        {below}
        {actions}
        {trouble}
      </div>
    </div>
  );
}

function Body({ id, message }: Pick<MessageRowProps, "id" | "message">): VNode {
  const { text, isNote } = saying(message);
  const isFile = message.type === "file" && !("deleted" in message);
  const parts = isFile && fileParts.value;
  if (parts) return <parts.FileBody id={id} message={message} />;
  return isNote ? <p class="text note">{text}</p> : <Text text={text} />;
}
