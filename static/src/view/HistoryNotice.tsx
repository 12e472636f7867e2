import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { HistoryNotice as Notice } from "../storage/records.ts";
import { listed } from "../text/listed.ts";
import { AccountDialog } from "./AccountDialog.tsx";
import { useChat } from "./context.ts";
import { focusAccount } from "./focus.ts";

/** What the person has to know of the history on this device, until they say that they have seen it, or import it. */
export function HistoryNotice(): VNode {
  const { notices } = useChat();
  const notice = notices.current.value;
  const isImporting = useSignal(false);
  return (
    <>
      {notice && (
        <div class="message-bar calm">
          <span>
            {wordsOf(notice)} To bring them here, choose “Export history” in the account’s menu there, and import the
            file here.
          </span>
          <button
            type="button"
            onClick={() => {
              // An import removes the bar, and with it the button to which the dialog would give the focus back.
              focusAccount();
              isImporting.value = true;
            }}
          >
            Import
          </button>
          <button
            type="button"
            onClick={() => {
              focusAccount();
              void notices.dismiss();
            }}
          >
            OK
          </button>
        </div>
      )}
      {isImporting.value && (
        <AccountDialog
          title="Import history"
          pick={({ ImportDialog }) => ImportDialog}
          onClose={() => {
            isImporting.value = false;
          }}
        />
      )}
    </>
  );
}

function wordsOf({ what, others = [] }: Notice): string {
  if (what === "missed") {
    return "This device has missed messages: more came than the server keeps for one device. Your other devices may have them.";
  }
  if (what === "begins") {
    return `This device begins here: it gets every message from now on. Your earlier messages are on ${listed(others)}.`;
  }
  return others.length === 0
    ? "This device gets every message again. If you were logged in elsewhere meanwhile, the messages of that time are there."
    : `This device gets every message from now on. Messages that you miss here are on ${listed(others)}.`;
}
