import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";
import { explainChange } from "./explain.ts";
import { useAttempt } from "./useAttempt.ts";

/** Lists the blocked people, and unblocks them. */
export function BlockedDialog({ onClose }: { onClose(): void }): VNode {
  const { account } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  useEffect(() => void attempt(() => account.loadBlocked()), []);
  const blocked = account.blocked.value && [...account.blocked.value.values()];

  return (
    <Dialog title="Blocked people" onClose={onClose}>
      {problem.value !== undefined && (
        <p class="message-bar" role="alert">
          {problem.value}
        </p>
      )}
      <ul class="entries" aria-label="Blocked people" aria-busy={isBusy}>
        {blocked?.map(({ id, username }) => (
          <li key={id}>
            <strong>{username}</strong>
            <button
              type="button"
              disabled={isBusy}
              aria-label={`Unblock ${username}`}
              onClick={() => void attempt(() => account.unblock(id), explainChange)}
            >
              Unblock
            </button>
          </li>
        ))}
      </ul>
      {blocked?.length === 0 && (
        <p class="hint">You have blocked nobody. To block a person, open the conversation with them.</p>
      )}
      {blocked === undefined && problem.value === undefined && <p class="hint">Loading…</p>}
    </Dialog>
  );
}
