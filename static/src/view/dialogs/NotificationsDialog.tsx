import type { VNode } from "preact";
import { askPermission, permission } from "../../chat/notifications.ts";
import { choose } from "../../push/choice.ts";
import { needsHomeScreen } from "../../push/needsHomeScreen.ts";
import { obstacle, unsubscribe } from "../../push/subscribing.ts";
import { useSubscription } from "../../push/useSubscription.ts";
import { useChat } from "../context.ts";
import { Icon } from "../icons.tsx";
import { Dialog } from "./Dialog.tsx";
import { useAttempt } from "./useAttempt.ts";

const WORDS = {
  denied: "Notifications are blocked. Allow them for this site in the browser’s settings.",
  unsupported: "This browser does not support notifications here.",
};

/** Why nothing comes while goTalk is closed, and what helps. */
const OBSTACLES = {
  shared:
    "Nothing comes while goTalk is closed: this browser has no device of its own, and shares the messages with other logins. If you have reached the device limit, remove one under Devices in the account’s menu.",
  unsupported: "Nothing comes while goTalk is closed: this browser has no push notifications.",
  browser:
    "Nothing comes while goTalk is closed: this browser could not reach its push service. goTalk tries it again later.",
  server: "The server could not be told of this yet. goTalk tries it again later.",
};

/** Whether this device notifies, also while the page is closed, and what a notification shows. */
export function NotificationsDialog({ onClose }: { onClose(): void }): VNode {
  return (
    <Dialog title="Notifications" onClose={onClose}>
      <Settings />
    </Dialog>
  );
}

function Settings(): VNode {
  const { session } = useChat();
  const { problem, attempt } = useAttempt();
  const { isOff = false, showText = false } = useSubscription();
  if (needsHomeScreen()) {
    return (
      <p class="hint">
        Add goTalk to the home screen first: tap Share, then “Add to Home Screen”. Opened from there, it can notify you.
      </p>
    );
  }
  if (permission.value === "default") {
    return (
      <button
        type="button"
        onClick={({ currentTarget }) => {
          // The answer removes the button that has the focus.
          currentTarget.closest("dialog")?.querySelector("button")?.focus();
          void askPermission();
        }}
      >
        <Icon name="bell" />
        Turn on notifications
      </button>
    );
  }
  if (permission.value !== "granted") return <p class="hint">{WORDS[permission.value]}</p>;
  const why = isOff ? undefined : obstacle.value;
  // As long as it lasts, no choice changes it.
  const isImpossible = why === "shared" || why === "unsupported";
  return (
    <>
      <p class="hint">Notifications are on. They appear while this page is in the background.</p>
      <label>
        <input
          type="checkbox"
          checked={!isOff && !isImpossible}
          disabled={isImpossible}
          aria-describedby="notified-closed"
          onChange={({ currentTarget: { checked } }) => {
            if (checked) choose(session.id, { isOff: false });
            else void attempt(() => unsubscribe(session));
          }}
        />
        Also while goTalk is closed
      </label>
      <p id="notified-closed" class="hint" role="status">
        {why && OBSTACLES[why]}
      </p>
      <label>
        <input
          type="checkbox"
          checked={showText}
          aria-describedby="notified-text"
          disabled={isOff || isImpossible}
          onChange={({ currentTarget: { checked } }) => choose(session.id, { showText: checked })}
        />
        Then show what is written
      </label>
      <p id="notified-text" class="hint">
        It may be read on a locked screen. If this is off, a notification shows only who has written.
      </p>
      {problem.value !== undefined && <p role="alert">{problem.value}</p>}
    </>
  );
}
