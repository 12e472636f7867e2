import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { useChat } from "../context.ts";
import { DeviceLabel } from "../DeviceLabel.tsx";
import { Dialog } from "./Dialog.tsx";
import { type DeviceEntry, entriesOf } from "./deviceEntries.ts";
import { explainChange } from "./explain.ts";
import { useAttempt } from "./useAttempt.ts";

/** Lists the user's devices, and removes them. */
export function DevicesDialog({ onClose }: { onClose(): void }): VNode {
  const { account } = useChat();
  const { problem, isBusy, attempt } = useAttempt();
  const entries = useSignal<readonly DeviceEntry[] | undefined>(undefined);
  /** The entry that the person is about to remove. */
  const asked = useSignal<string | undefined>(undefined);
  const load = async () => {
    entries.value = entriesOf(...(await account.devices()));
  };
  useEffect(() => void attempt(load), []);
  const remove = (entry: DeviceEntry) =>
    attempt(async () => {
      await (entry.kind === "device" ? account.removeDevice(entry.id) : account.endSession(entry.id));
      asked.value = undefined;
      await load();
    }, explainChange);

  return (
    <Dialog title="Devices" onClose={onClose}>
      <p class="hint">These are your devices. Each of them gets every message.</p>
      {problem.value !== undefined && (
        <p class="message-bar" role="alert">
          {problem.value}
        </p>
      )}
      <ul class="entries" aria-label="Devices" aria-busy={isBusy}>
        {entries.value?.map((entry) => (
          <li key={entry.id} class={entry.kind === "login" ? "nested" : undefined}>
            <DeviceLabel name={entry.name} seen={entry.seen} id={`seen-${entry.id}`} />
            {entry.isCurrent && <span class="hint">This device</span>}
            {!entry.isCurrent && asked.value !== entry.id && (
              <button
                type="button"
                disabled={isBusy}
                aria-label={`Remove ${entry.name}`}
                aria-describedby={`seen-${entry.id}`}
                onClick={() => {
                  asked.value = entry.id;
                }}
              >
                Remove
              </button>
            )}
            {asked.value === entry.id && (
              <div class="question">
                <p>{WORDS[entry.kind]}</p>
                <button type="button" class="danger" disabled={isBusy} onClick={() => void remove(entry)}>
                  Remove it
                </button>
                <button
                  type="button"
                  ref={focusOnce}
                  onClick={() => {
                    asked.value = undefined;
                  }}
                >
                  Keep it
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {entries.value === undefined && problem.value === undefined && <p class="hint">Loading…</p>}
    </Dialog>
  );
}

/** What a removal does. */
const WORDS: Readonly<Record<DeviceEntry["kind"], string>> = {
  device:
    "It is logged out at once and gets no more messages. It keeps the messages that it has already. Messages that wait only for this device go to your next device.",
  login: "This login ends at once. Other programs that share the messages go on.",
};

/** Gives the focus to the harmless answer. */
const focusOnce = (button: HTMLButtonElement | null): void => button?.focus();
