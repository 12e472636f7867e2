import type { GoTalkTask } from "./gotalk-client.ts";
import type { MqttTask } from "./mqtt-client.ts";
import type { NatsTask } from "./nats-client.ts";
import type { XmppTask } from "./xmpp-client.ts";

/** What a receiver's process is told. */
export type Task = GoTalkTask | NatsTask | MqttTask | XmppTask;

/** The whole of it, in JSON, as the only argument. */
export interface Orders {
  readonly task: Task;
  /** The journal's file. */
  readonly file: string;
  /** It kills itself right after it has processed so many messages, counted over all its lives. */
  readonly deaths: readonly number[];
}

/** One character on stdout for each of these. */
export const SIGNS = { ready: "r", taken: "." } as const;
