import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { eraseDevice } from "../chat/erase.ts";
import { session } from "../chat/session.ts";

/** For a page that cannot go on by itself: reload it, or begin anew with nothing. */
export function WaysOut({ onErase = () => {} }: { onErase?: () => void }): VNode {
  const isAsking = useSignal(false);
  const current = session.value;
  const erase = () => {
    if (current) void eraseDevice(current);
    onErase();
  };
  return (
    <>
      <button type="button" class="primary" onClick={() => location.reload()}>
        Reload
      </button>
      {current !== undefined && !isAsking.value && (
        <button
          type="button"
          onClick={() => {
            isAsking.value = true;
          }}
        >
          Log out and erase this device
        </button>
      )}
      {isAsking.value && (
        <>
          <p>
            This deletes the conversations, drafts and unsent messages of {current?.username} in this browser for good.
          </p>
          <button type="button" class="danger" onClick={erase}>
            Erase them
          </button>
        </>
      )}
    </>
  );
}
