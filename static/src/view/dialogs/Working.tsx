import type { VNode } from "preact";

interface WorkingProps {
  /** What is going on. */
  readonly label: string;
  /** What is done, from 0 to 1. */
  readonly progress: number;
  onStop(): void;
}

/** Shows how far some work is, with a button that stops it. */
export function Working({ label, progress, onStop }: WorkingProps): VNode {
  return (
    <div class="working">
      <progress aria-label={label} value={progress} />
      <span aria-hidden="true">{Math.floor(100 * progress)} %</span>
      <button type="button" onClick={onStop}>
        Stop
      </button>
    </div>
  );
}
