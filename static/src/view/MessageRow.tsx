import type { ComponentChildren, VNode } from "preact";
import { Text } from "./Text.tsx";

interface MessageRowProps {
  readonly id: string;
  readonly content: string;
  readonly isOwn: boolean;
  /** Of the other one in the conversation. */
  readonly name: string;
  /** It follows another one of the same group. */
  readonly isContinued: boolean;
  /** The lines above it. */
  readonly above?: ComponentChildren;
  /** When it was sent, or how far it has come. */
  readonly meta: ComponentChildren;
  /** What hinders it. */
  readonly trouble?: ComponentChildren;
}

/**
 * A message, whether it is on its way or sent: the same element goes on, so that a message which is sent is not announced
 * once more, and neither moves nor is laid out again.
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
