import type { Visitor } from "./visitor.ts";

/** What comes to a page over its WebSocket, from now on. */
export function framesTo({ page }: Visitor): readonly string[] {
  const frames: string[] = [];
  page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => frames.push(String(payload))));
  return frames;
}
