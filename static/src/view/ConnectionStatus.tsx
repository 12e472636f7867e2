import type { VNode } from "preact";
import type { ConnectionState } from "../chat/connection.ts";
import { useChat } from "./context.ts";

const WORDS: Readonly<Record<ConnectionState["kind"], string>> = {
  connecting: "Connecting…",
  connected: "Connected",
  reconnecting: "Reconnecting…",
  offline: "Offline",
};

const POLLING = "There are no live updates. The page checks for new messages every few seconds.";

/** The state of the connection in words, and a button to try it now. */
export function ConnectionStatus(): VNode {
  const chat = useChat();
  const { kind, detail, isPolling = false } = chat.connection.value;
  return (
    <div class="connection" data-kind={kind} {...(isPolling && { title: POLLING })}>
      <span role="status">{detail ?? WORDS[kind]}</span>
      {kind === "reconnecting" && (
        <button type="button" class="quiet" onClick={() => chat.sync()}>
          Retry now
        </button>
      )}
    </div>
  );
}
