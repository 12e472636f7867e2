import type { VNode } from "preact";
import { eraseDevice } from "../../chat/erase.ts";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";

/** Says what will be lost, and then logs out and deletes the user's data in this browser. */
export function EraseDialog({ onClose }: { onClose(): void }): VNode {
  const chat = useChat();
  const unsent = chat.outbox.value.length;
  const erase = () => {
    chat.close();
    void eraseDevice(chat.session);
  };
  return (
    <Dialog title="Log out and erase this device" onClose={onClose}>
      <p>This browser will keep nothing of {chat.session.username}. This cannot be undone:</p>
      <ul class="points">
        <li>The conversations, drafts and unsent messages in this browser are deleted.</li>
        <li>The server deletes messages once they are delivered, so you cannot get them back.</li>
        <li>Your account stays. What others have received stays with them.</li>
      </ul>
      {unsent > 0 && (
        <p class="message-bar" role="alert">
          {unsent === 1
            ? "1 message has not been sent yet and is deleted, too."
            : `${unsent} messages have not been sent yet and are deleted, too.`}
        </p>
      )}
      <button type="button" class="danger" onClick={erase}>
        {unsent > 0 ? "Erase without sending them" : "Log out and erase"}
      </button>
    </Dialog>
  );
}
