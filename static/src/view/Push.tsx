import { useSignal } from "@preact/signals";
import type { ComponentType, VNode } from "preact";
import { useEffect } from "preact/hooks";
import { useChat } from "./context.ts";

/** The bar that asks for notifications, and what keeps the subscription. It is loaded once there is a conversation. */
export function Push(): VNode | null {
  const part = useSignal<{ readonly PushBar: ComponentType } | undefined>(undefined);
  const isDue = useChat().conversations.value?.length;
  useEffect(() => {
    // Without a network it is not there the first time. The worker keeps it for the next.
    if (isDue)
      void import("../push/PushBar.tsx").then(
        (module) => {
          part.value = module;
        },
        () => undefined,
      );
  }, [!isDue]);
  const { PushBar } = part.value ?? {};
  return PushBar ? <PushBar /> : null;
}
