import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { Timeline } from "../chat/timeline.ts";
import type { StoredMessage } from "../storage/records.ts";
import { shortened } from "../text/graphemes.ts";
import { saying } from "../text/saying.ts";
import { useChat } from "./context.ts";

/** Characters of a quoted text. */
const LONGEST = 120;

/** A message that replies to another one. */
type About = Pick<StoredMessage, "about" | "conversationId">;

const NOT_HERE = "This message is not on this device.";

/** What a message replies to. A press shows that message. It has one height, so nothing moves when it is read. */
export function Quote({ message, name, timeline }: { message: About; name: string; timeline: Timeline }): VNode {
  const chat = useChat();
  const quoted = useSignal<StoredMessage | undefined>(undefined);
  const isRead = useSignal(false);
  const { about, conversationId } = message;
  useEffect(() => {
    let isGone = false;
    const read = () =>
      chat.quotedBy(message).then(
        (found) => {
          if (isGone) return;
          quoted.value = found?.deletedHere ? undefined : found;
          isRead.value = true;
        },
        () => undefined,
      );
    void read();
    const stopListening = chat.onStored(({ messages }) => {
      if (messages.some((one) => one.messageId === about && one.conversationId === conversationId)) void read();
    });
    return () => {
      isGone = true;
      stopListening();
    };
  }, [chat, about, conversationId]);
  const found = quoted.value;
  if (found === undefined) return <span class="quote">{isRead.value ? NOT_HERE : "…"}</span>;
  return (
    <button type="button" class="quote" onClick={() => void timeline.jumpTo(found)}>
      <Quoted message={found} name={name} />
    </button>
  );
}

/** A short form of a message, and who has written it. */
export function Quoted({ message, name }: { message: StoredMessage; name: string }): VNode {
  const isOwn = message.senderId === useChat().session.id;
  return (
    <>
      <strong>{isOwn ? "You" : message.senderName || name}</strong>
      <span class="said" dir="auto">
        {shortened(saying(message).text, LONGEST)}
      </span>
    </>
  );
}
