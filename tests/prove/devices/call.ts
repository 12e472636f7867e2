/** One call of a function. */
export interface Call {
  readonly name: string;
  /** By the slowest clock, in milliseconds since the epoch. */
  readonly began: number;
  /** The same, as a moment. */
  readonly moment: number;
  /** The channel that it copies from: the last one whose head it has written as it was, so that no sync can write it. */
  source?: string | undefined;
  /** `dead`: it asks for nothing more. `over`: it took too long, and was answered 503. */
  state: "open" | "over" | "dead";
}
