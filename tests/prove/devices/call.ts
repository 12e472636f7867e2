/** One call of a function. */
export interface Call {
  readonly name: string;
  /** By the slowest clock, in milliseconds since the epoch. */
  readonly began: number;
  /** The same, as a moment. */
  readonly moment: number;
  /** The client's own channel, for a sync. */
  readonly channel?: string | undefined;
  /** The channel that it copies from: the last one, not its own, whose head it has written. */
  source?: string | undefined;
  /** `dead`: it asks for nothing more. `over`: it took too long, and was answered 503. */
  state: "open" | "over" | "dead";
}
