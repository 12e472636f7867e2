import type { Signal } from "@preact/signals";
import type { VNode } from "preact";

/** Why an attempt failed, if it did. */
export const Problem = ({ problem }: { problem: Signal<string | undefined> }): VNode | null =>
  problem.value === undefined ? null : (
    <p class="message-bar" role="alert">
      {problem.value}
    </p>
  );
