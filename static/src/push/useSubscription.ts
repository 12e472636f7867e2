import { useEffect } from "preact/hooks";
import { permission } from "../chat/notifications.ts";
import { useChat } from "../view/context.ts";
import { type Choice, changes, choiceOf, followChoices } from "./choice.ts";
import { keepSubscribed } from "./subscribing.ts";

/** Keeps the subscription as it has to be, as long as the component is there. @returns what the person has chosen */
export function useSubscription(): Choice {
  const { session, conversations } = useChat();
  const all = conversations.value;
  useEffect(followChoices, []);
  // On a first visit the worker comes later than the page.
  useEffect(() => void navigator.serviceWorker?.ready.then(() => changes.value++), []);
  useEffect(() => {
    // Before the list is there, nobody knows what is muted.
    if (all) void keepSubscribed(session, all);
  }, [session.token, all, permission.value, changes.value]);
  return choiceOf(session.id);
}
