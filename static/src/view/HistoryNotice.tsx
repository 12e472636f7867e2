import type { VNode } from "preact";
import type { HistoryNotice as Notice } from "../storage/records.ts";
import { listed } from "../text/listed.ts";
import { useChat } from "./context.ts";

/** What the person has to know of the history on this device, until they say that they have seen it. */
export function HistoryNotice(): VNode | null {
  const { notices } = useChat();
  const notice = notices.current.value;
  if (notice === undefined) return null;
  return (
    <div class="message-bar calm">
      <span>{wordsOf(notice)}</span>
      <button type="button" onClick={() => void notices.dismiss()}>
        OK
      </button>
    </div>
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
