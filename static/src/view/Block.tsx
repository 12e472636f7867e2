import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { User } from "../../../lib/client.ts";
import { useChat } from "./context.ts";
import { BlockDialog } from "./dialogs/BlockDialog.tsx";
import { useAttempt } from "./dialogs/useAttempt.ts";

/** The way to block the person of a conversation. */
export function BlockToggle({ user }: { user: User }): VNode | null {
  const { account, session } = useChat();
  const isAsking = useSignal(false);
  useEffect(() => {
    // Once for this tab. Without a network it is not known, and nothing is said of it.
    if (account.blocked.value === undefined) account.loadBlocked().catch(() => undefined);
  }, []);
  if (user.id === session.id || account.blocked.value?.has(user.id)) return null;
  return (
    <>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          isAsking.value = true;
        }}
      >
        Block
      </button>
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

/** That the person is blocked, and the way back. */
export function BlockedNote({ user }: { user: User }): VNode | null {
  const { account } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  if (!account.blocked.value?.has(user.id)) return null;
  return (
    <div class="message-bar calm">
      <span>You have blocked {user.username}: their messages are refused.</span>
      {problem.value !== undefined && <span role="alert">{problem.value}</span>}
      <button type="button" disabled={isBusy} onClick={() => void attempt(() => account.unblock(user.id))}>
        Unblock
      </button>
    </div>
  );
}
