import type { VNode } from "preact";
import type { FileView } from "./useFile.ts";

/** What the views of a file have in common. */
export interface FileProps {
  /** Of the message in the history. */
  readonly id: string;
  readonly view: FileView;
  /** Its progress, while something goes on. */
  readonly transfer: VNode | undefined;
  /** This browser cannot show or play what the file is said to be. */
  onUnshowable(): void;
}
