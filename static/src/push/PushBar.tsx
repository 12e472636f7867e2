import type { VNode } from "preact";
import { askPermission, permission } from "../chat/notifications.ts";
import { useChat } from "../view/context.ts";
import { focusAccount } from "../view/focus.ts";
import { choose } from "./choice.ts";
import { needsHomeScreen } from "./needsHomeScreen.ts";
import { useSubscription } from "./useSubscription.ts";

/**
 * Asks the person once whether they want notifications: after the first message that they have received, by a bar that waits for a
 * click. With their permission it keeps the subscription as it has to be, as long as the page is open.
 */
export function PushBar(): VNode | null {
  const { session, conversations } = useChat();
  const { isDismissed } = useSubscription();
  const hasReceived = conversations.value?.some(({ last }) => last?.isOwn === false);
  const isAsked = permission.value === "default" || needsHomeScreen();
  if (isDismissed || !hasReceived || !isAsked) return null;
  const dismiss = () => {
    focusAccount();
    choose(session.id, { isDismissed: true });
  };
  if (needsHomeScreen()) {
    return (
      <div class="message-bar calm">
        <span>
          This browser can notify you of messages once goTalk is on the home screen. Add it there first: tap Share, then
          “Add to Home Screen”, and open it from there.
        </span>
        <button type="button" onClick={dismiss}>
          OK
        </button>
      </div>
    );
  }
  return (
    <div class="message-bar calm">
      <span>Do you want a notification when a message comes, also while goTalk is closed?</span>
      <button
        type="button"
        onClick={() => {
          // The answer removes the bar.
          focusAccount();
          void askPermission();
        }}
      >
        Turn on notifications
      </button>
      <button type="button" onClick={dismiss}>
        Not now
      </button>
    </div>
  );
}
