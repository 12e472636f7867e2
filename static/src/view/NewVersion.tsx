import type { VNode } from "preact";
import { isOutdated } from "../version.ts";

/** Says that there is a newer version of the page. `note` says what a reload keeps. */
export function NewVersion({ note = "" }: { note?: string }): VNode | null {
  if (!isOutdated.value) return null;
  return (
    <div class="message-bar calm">
      <span>There is a new version of goTalk. {note}</span>
      <button type="button" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  );
}
