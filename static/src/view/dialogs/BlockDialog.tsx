import type { TargetedMouseEvent, VNode } from "preact";
import type { User } from "../../../../lib/client/index.ts";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";
import { explainChange } from "./explain.ts";
import { useAttempt } from "./useAttempt.ts";

/** Says what a block does, and then blocks the user. */
export function BlockDialog({ user, onClose }: { user: User; onClose(): void }): VNode {
  const { account } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  const block = (event: TargetedMouseEvent<HTMLButtonElement>) => {
    // A dialog gives the focus back when it is closed, but not when it is only removed.
    const dialog = event.currentTarget.closest("dialog");
    return attempt(async () => {
      await account.block(user);
      dialog?.close();
    }, explainChange);
  };
  return (
    <Dialog title={`Block ${user.username}?`} onClose={onClose}>
      <p>
        From now on the server refuses messages from {user.username}, and says so to {user.username}. Messages that are
        already sent still arrive.
      </p>
      {problem.value !== undefined && (
        <p class="message-bar" role="alert">
          {problem.value}
        </p>
      )}
      <button type="button" class="primary" disabled={isBusy} onClick={(event) => void block(event)}>
        Block
      </button>
    </Dialog>
  );
}
