import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("connections-process.ts", import.meta.url));

/** A management API of WebSocket connections, apart: its work is not counted as the caller's. */
export async function startConnections(): Promise<{ readonly endpoint: string; stop(): Promise<void> }> {
  const child = fork(CHILD);
  const [endpoint] = (await once(child, "message")) as [string];
  return {
    endpoint,
    stop: async () => {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}
