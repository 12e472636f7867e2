import type { Visitor } from "../../support/page/visitor.ts";

/** Notes the notifications that the page would show. */
export function noteNotifications(): void {
  const shown: unknown[] = [];
  Object.assign(globalThis, { shown });
  Object.defineProperty(Notification, "permission", { value: "granted" });
  const registration = {
    showNotification: async (_: string, { body }: NotificationOptions) => void shown.push(body),
    getNotifications: async () => [],
  };
  Object.defineProperty(navigator.serviceWorker, "getRegistration", { value: async () => registration });
}

/** The texts of these notifications. */
export const notified = ({ page }: Visitor): Promise<unknown> => page.evaluate(() => Reflect.get(globalThis, "shown"));
