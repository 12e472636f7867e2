import { useEffect } from "preact/hooks";
import { useChat } from "./context.ts";

/** Asks whom the person has blocked, once for each tab. Without a network it is asked when the connection is back. */
export function useBlocked(isNeeded: boolean): void {
  const { account, connection } = useChat();
  const isConnected = connection.value.kind === "connected";
  useEffect(() => {
    if (isNeeded) account.knowBlocked().catch(() => undefined);
  }, [account, isNeeded, isConnected]);
}
