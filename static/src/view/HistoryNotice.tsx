import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { historyCode, invitation, putAside } from "../chat/joinLink.ts";
import type { HistoryNotice as Notice } from "../storage/records.ts";
import { listed } from "../text/listed.ts";
import { AccountDialog } from "./AccountDialog.tsx";
import { useChat } from "./context.ts";
import { closeAll } from "./dialogs/Dialog.tsx";
import { focusAccount } from "./focus.ts";

/** What the person has to know of the history on this device, until they say that they have seen it, or bring the rest. */
export function HistoryNotice(): VNode {
  const { notices } = useChat();
  const notice = notices.current.value;
  const isBringing = useSignal(false);
  // One dialog at a time: an invitation is answered first.
  const code = invitation.value === undefined ? historyCode.value : undefined;
  useEffect(() => {
    // The dialog that is open takes the code of another link itself.
    if (code === undefined || isBringing.value) return;
    closeAll();
    isBringing.value = true;
  }, [code]);
  return (
    <>
      {notice && (
        <div class="message-bar calm">
          <span>
            {wordsOf(notice)} To bring them here, choose “Bring history to another device” in the account’s menu there.
          </span>
          <button
            type="button"
            onClick={() => {
              // It removes the bar when it is done, and with it the button to which the dialog would give the focus back.
              focusAccount();
              isBringing.value = true;
            }}
          >
            Bring history
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
      {isBringing.value && (
        <AccountDialog
          title="Bring history from another device"
          pick={({ BringDialog }) => BringDialog}
          onClose={() => {
            isBringing.value = false;
            // An invitation that was followed meanwhile has closed this dialog, and the code waits until it is answered.
            if (invitation.value === undefined) putAside("history");
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
    ? "This device gets every message again. Messages from the time in between may be on another device."
    : `This device gets every message from now on. Messages that you miss here are on ${listed(others)}.`;
}
