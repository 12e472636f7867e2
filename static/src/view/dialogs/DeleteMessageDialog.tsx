import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { isGroupId } from "../../../../lib/client/index.ts";
import { explain } from "../../chat/explain.ts";
import type { StoredMessage } from "../../storage/records.ts";
import { useChat } from "../context.ts";
import { useGroup } from "../group.ts";
import { Quoted } from "../Quote.tsx";
import { closeAround, Dialog } from "./Dialog.tsx";

/** Deletes a message on this device, or one of the user for everyone. */
export function DeleteMessageDialog({ message, onClose }: { message: StoredMessage; onClose(): void }): VNode {
  const chat = useChat();
  const problem = useSignal<string | undefined>(undefined);
  const place = useRef<HTMLDivElement>(null);
  const name = chat.conversations.value?.find(({ peerId }) => peerId === message.conversationId)?.name ?? "";
  const isOver = useGroup()?.gone !== undefined;
  const isForEveryone = !isOver && message.senderId === chat.session.id && message.deleted === undefined;
  const attempt = async (work: Promise<void>) => {
    try {
      await work;
      // It gives the focus back.
      closeAround(place.current);
    } catch (error) {
      problem.value = explain(error);
    }
  };
  return (
    <Dialog title="Delete message" onClose={onClose}>
      <div ref={place} class="quote">
        <Quoted message={message} name={name} />
      </div>
      <p>
        {isForEveryone && "“Delete for everyone” is final. "}
        “Delete here” deletes the message on this device only. Your other devices and{" "}
        {isGroupId(message.conversationId) ? "the other members keep" : "the other person keeps"} it.
      </p>
      {problem.value !== undefined && <p role="alert">{problem.value}</p>}
      {isForEveryone && (
        <button type="button" class="danger" onClick={() => void attempt(chat.writing.say("deletion", message, ""))}>
          Delete for everyone
        </button>
      )}
      <button type="button" onClick={() => void attempt(chat.deleteHere(message))}>
        Delete here
      </button>
    </Dialog>
  );
}
