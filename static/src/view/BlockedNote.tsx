import type { VNode } from "preact";
import type { User } from "../../../lib/client/index.ts";
import { useChat } from "./context.ts";
import { explainChange } from "./dialogs/explain.ts";
import { useAttempt } from "./dialogs/useAttempt.ts";

/** Says that the person is blocked, and unblocks them. */
export function BlockedNote({ user }: { user: User }): VNode | null {
  const { account } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  if (!account.isBlocked(user.id)) return null;
  const unblock = () =>
    // The box takes the focus when it is back, see `Composer`.
    attempt(() => account.unblock(user.id), explainChange);
  return (
    <div class="message-bar calm">
      <span>You have blocked {user.username}: their messages are refused.</span>
      {problem.value !== undefined && <span role="alert">{problem.value}</span>}
      <button type="button" aria-disabled={isBusy} onClick={() => void unblock()}>
        Unblock
      </button>
    </div>
  );
}
