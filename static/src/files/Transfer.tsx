import type { VNode } from "preact";
import { FileIcon } from "./icons.tsx";

interface TransferProps {
  /** What is going on, for those who do not see it. */
  readonly label: string;
  /** What is done, from 0 to 1. */
  readonly part: number;
  /** What the button says that ends it. */
  readonly cancel: string;
  onCancel(): void;
}

/** How much of a file is uploaded or fetched, with a button that ends it. */
export const Transfer = ({ label, part, cancel, onCancel }: TransferProps): VNode => (
  <span class="transfer">
    <progress aria-label={label} value={part} />
    {/* The progress says it to screen readers, which would otherwise hear each step. */}
    <span aria-hidden="true">{Math.floor(100 * part)} %</span>
    <button type="button" class="round" aria-label={cancel} title={cancel} onClick={onCancel}>
      <FileIcon name="close" />
    </button>
  </span>
);
