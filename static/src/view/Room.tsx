import type { VNode } from "preact";
import { CONTENT_BYTES } from "../../../lib/contract/limits.ts";
import { counted } from "../text/counts.ts";

/** It appears from here on, in bytes. */
const NEARLY_FULL = 0.9 * CONTENT_BYTES;

/** Whether the person is told how much room is left for a text of so many bytes. */
export const isNearlyFull = (size: number): boolean => size >= NEARLY_FULL;

/** How much room is left for a text, once it is nearly full. */
export function Room({ id, size }: { id: string; size: number }): VNode | null {
  if (!isNearlyFull(size)) return null;
  const left = CONTENT_BYTES - size;
  return (
    <p id={id} class={left < 0 ? "room over" : "room"}>
      {left < 0 ? `Too long by ${counted(-left, "byte")}` : `Room for ${counted(left, "more byte")}`}
    </p>
  );
}
