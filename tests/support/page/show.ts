import { vi } from "vitest";
import { eventually } from "../eventually.ts";
import type { Visitor } from "./visitor.ts";

/** Milliseconds: a frame that has not come by then does not come any more. */
const FRAME_MS = 10_000;

/** Sends until the page shows it where only a frame can bring it: a frame is best effort. */
export const show = (
  { conversations }: Visitor,
  send: (content: string) => Promise<unknown>,
  content: string,
): Promise<void> =>
  eventually(async () => {
    await send(content);
    await conversations.getByText(content).waitFor({ timeout: FRAME_MS });
  });

/** Sends until one of the frames bears a message. */
export const showFrame = (frames: () => readonly string[], send: () => Promise<unknown>): Promise<void> =>
  eventually(async () => {
    await send();
    await vi.waitUntil(() => frames().some((frame) => frame.startsWith('{"type":"message","message":{')), FRAME_MS);
  });
