import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { ListedSession } from "../../../../lib/client/index.ts";
import { deviceOf } from "../../text/devices.ts";
import { dateAndTime } from "../../text/times.ts";
import { useChat } from "../context.ts";
import { Dialog } from "./Dialog.tsx";
import { explainChange } from "./explain.ts";
import { useAttempt } from "./useAttempt.ts";

/** Lists the account's sessions, and ends them. */
export function SessionsDialog({ onClose }: { onClose(): void }): VNode {
  const { account } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  const sessions = useSignal<readonly ListedSession[] | undefined>(undefined);
  const load = async () => {
    sessions.value = await account.sessions();
  };
  useEffect(() => void attempt(load), []);
  const end = (sessionId: string) =>
    attempt(async () => {
      await account.endSession(sessionId);
      await load();
    }, explainChange);

  return (
    <Dialog title="Sessions" onClose={onClose}>
      <p class="hint">The devices on which you are logged in. Ending a session logs that device out at once.</p>
      {problem.value !== undefined && (
        <p class="message-bar" role="alert">
          {problem.value}
        </p>
      )}
      <ul class="entries" aria-label="Sessions" aria-busy={isBusy}>
        {sessions.value?.map((session) => (
          <li key={session.sessionId}>
            <span>
              <strong>{deviceOf(session.userAgent)}</strong>
              <small>
                Since <time dateTime={session.createdAt}>{dateAndTime(session.createdAt)}</time>
              </small>
            </span>
            {session.current ? (
              <span class="hint">This device</span>
            ) : (
              <button
                type="button"
                disabled={isBusy}
                aria-label={`End ${deviceOf(session.userAgent)}`}
                onClick={() => void end(session.sessionId)}
              >
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      {sessions.value === undefined && problem.value === undefined && <p class="hint">Loading…</p>}
    </Dialog>
  );
}
