import type { ComponentChildren, VNode } from "preact";
import { Text } from "./Text.tsx";

interface MessageRowProps {
  readonly id: string;
  readonly content: string;
  readonly isOwn: boolean;
  /** The name of the other person in the conversation. */
  readonly name: string;
  /** Whether it follows another message of the same group. */
  readonly isContinued: boolean;
  /** The lines above it. */
  readonly above?: ComponentChildren;
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
  const { id, content, isOwn, name, isContinued, above, meta, trouble } = props;
  return (
    <div class="row" data-id={id}>
      {above}
      <article class="bubble" data-own={isOwn} data-continued={isContinued} data-failed={trouble !== undefined}>
        <span class="visually-hidden">{isOwn ? "You" : name}: </span>
        <Text text={content} />
        <span class="meta">{meta}</span>
      </article>
      {trouble}
    </div>
  );
}
