import type { Counts } from "./counts.ts";
import type { Task } from "./receiver.ts";
import type { Sender } from "./sender.ts";

/** What is done to the parts while messages flow, each in a run of its own. */
export const FAULTS = {
  receiverCut: "the receiver's connection is cut while a message is delivered",
  senderCut: "a sender's connection is cut while it sends a message",
  serverKilled: "the server is killed with kill -9 and started again on its data",
  receiverKilled: "the receiver is killed with kill -9 after it processed a message and before it saved more than that",
} as const;

export type Fault = keyof typeof FAULTS;

/** What counts against a peer. */
export type Failing = Exclude<keyof Counts, "sent" | "newFlagged">;

/** A way to receive from a server: a row of the tables. */
export interface Way {
  readonly name: string;
  /** One sentence: how it was configured and why. Markdown, with links to the documentation. */
  readonly setup: string;
  /** What goTalk does not promise for this way, by fault. Without it nothing is promised, and nothing asserted. */
  readonly excused?: Partial<Record<Fault, readonly Failing[]>>;
  launch(): Promise<Running>;
}

/** A server that can be compared. */
export interface Peer {
  /** For `--peer`. */
  readonly name: string;
  /** What has to be installed, and in which version it is; undefined where it is not installed. */
  readonly version: () => string | undefined;
  /** Debian's packages. */
  readonly packages: readonly string[];
  readonly ways: readonly Way[];
}

/** A running server with its own temporary data. */
export interface Running {
  readonly port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** A sender that reaches the server by this port. */
  sender(number: number, port: number): Promise<Sender>;
  /** What the receiver's process has to know, when it reaches the server by this port. */
  task(port: number): Task;
}
