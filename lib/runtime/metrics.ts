/**
 * What the functions count of their work, in CloudWatch's units. docs/operating.md says what each one means and what to
 * do about it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
 */
export const METRICS = {
  /** Messages that were stored. A retry that finds its message there is not counted. */
  MessagesReceived: "Count",
  /** Messages that were handed out for the first time. */
  MessagesDelivered: "Count",
  /** Messages that were handed out flagged: again, as the answer or the client was lost, or as they may have been out before. */
  MessagesRedelivered: "Count",
  MessagesSettled: "Count",
  /** Batches that went out again since nobody confirmed them in time. */
  LeaseExpiries: "Count",
  /** How long ago the oldest message that was handed out again had been sent. */
  RedeliveryAge: "Milliseconds",
  /** Connections that were woken. */
  WakeSuccesses: "Count",
  /** Connections that could not be woken in the time for it; not those that had ended. */
  WakeFailures: "Count",
  /** Devices that a push service was told to wake. */
  PushSuccesses: "Count",
  /** Devices whose push was refused, or was given up. */
  PushFailures: "Count",
  /** Logins with a wrong username or password, and those that were refused because of too many of these before. */
  LoginFailures: "Count",
  /** What DynamoDB says that its answers cost. It says nothing of a write whose condition failed, which it charges. */
  ReadUnits: "Count",
  WriteUnits: "Count",
} as const;

export type Metric = keyof typeof METRICS;

/**
 * Counts something of the request that is being answered. Handed in, so that what is counted need not know who counts.
 *
 * @param value 1 if it is left out.
 */
export type Count = (metric: Metric, value?: number) => void;

/** Counts nothing. */
export const countNothing: Count = () => {};
