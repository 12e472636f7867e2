import type { TargetedMouseEvent, VNode } from "preact";
import { isGroupId } from "../../../../lib/client/index.ts";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";
import { useAttempt } from "./useAttempt.ts";

interface DeleteConversationDialogProps {
  readonly peerId: string;
  /** What the conversation is called. */
  readonly name: string;
  onClose(): void;
}

/** Says what is lost, and then deletes a conversation on this device. */
export function DeleteConversationDialog({ peerId, name, onClose }: DeleteConversationDialogProps): VNode {
  const chat = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  const unsent = chat.outbox.value.filter((message) => message.peerId === peerId).length;
  const remove = (event: TargetedMouseEvent<HTMLButtonElement>) => {
    const dialog = event.currentTarget.closest("dialog");
    return attempt(async () => {
      await chat.deleteConversation(peerId);
      dialog?.close();
    });
  };
  return (
    <Dialog title={`Delete the conversation ${isGroupId(peerId) ? "in" : "with"} ${name}?`} onClose={onClose}>
      <p>
        This deletes the messages on this device, and they cannot be brought back here. Your other devices and other
        people keep them. A new message begins the conversation again.
      </p>
      {unsent > 0 && (
        <p class="message-bar">
          {unsent === 1 ? "1 message has" : `${unsent} messages have`} not been sent yet and will not be.
        </p>
      )}
      {problem.value !== undefined && (
        <p class="message-bar" role="alert">
          {problem.value}
        </p>
      )}
      <button type="button" class="danger" aria-disabled={isBusy.value} onClick={(event) => void remove(event)}>
        {isBusy.value ? "Deleting…" : "Delete here"}
      </button>
    </Dialog>
  );
}
