import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { User } from "../../../lib/client/index.ts";
import { useChat } from "./context.ts";
import { BlockDialog } from "./dialogs/BlockDialog.tsx";
import { explainChange } from "./dialogs/explain.ts";
import { useAttempt } from "./dialogs/useAttempt.ts";

/** Blocks and unblocks the person of a conversation. */
export function BlockToggle({ user }: { user: User }): VNode | null {
  const { account, session } = useChat();
  const isAsking = useSignal(false);
  const { problem, isBusy, attempt } = useAttempt();
  useEffect(() => {
    // Once for each tab. Without a network it is not known, and nothing is shown.
    if (account.blocked.value === undefined) account.loadBlocked().catch(() => undefined);
  }, []);
  if (user.id === session.id) return null;
  const isBlocked = account.blocked.value?.has(user.id);
  const toggle = () => {
    if (isBlocked) void attempt(() => account.unblock(user.id), explainChange);
    else isAsking.value = true;
  };
  return (
    <>
      {/* One button for both, so that the focus stays on it. */}
      <button type="button" class="quiet" aria-disabled={isBusy} onClick={toggle}>
        {isBlocked ? "Unblock" : "Block"}
      </button>
      {problem.value !== undefined && <span role="alert">{problem.value}</span>}
      {isAsking.value && (
        <BlockDialog
          user={user}
          onClose={() => {
            isAsking.value = false;
          }}
        />
      )}
    </>
  );
}

/** Says that the person is blocked. */
export function BlockedNote({ user }: { user: User }): VNode | null {
  const { account } = useChat();
  if (!account.blocked.value?.has(user.id)) return null;
  return <p class="message-bar calm">You have blocked {user.username}: their messages are refused.</p>;
}
