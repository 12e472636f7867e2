/** How a person follows work on a file, and ends it. */
export interface Watch {
  /** Tells how much is done, from 0 to 1. */
  onProgress(part: number): void;
  readonly signal: AbortSignal;
}
