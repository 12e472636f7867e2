/** A message that its server has accepted. */
export interface Sent {
  readonly sender: number;
  /** Counts the messages of its sender, from 0. */
  readonly number: number;
  readonly content: string;
}

/** A message as a receiver processed it. */
export interface Taken {
  readonly content: string;
  /** Its protocol marked it: it may have come before. */
  readonly flagged: boolean;
}

/** What became of the messages. All are numbers of messages or of deliveries. */
export interface Counts {
  readonly sent: number;
  /** Accepted, and never processed. */
  readonly lost: number;
  /** Deliveries after the first one of a message that bear no mark. */
  readonly repeated: number;
  /** Deliveries after the first one of a message that are marked. */
  readonly repeatedFlagged: number;
  /** Messages that came first after a later message of the same sender had come. */
  readonly outOfOrder: number;
  /** First deliveries that are marked: they look like a repeat, and are none. */
  readonly newFlagged: number;
  /** Deliveries of what nobody sent. */
  readonly foreign: number;
}

/** Compares what senders were told with what a receiver processed. To be called when nothing more comes. */
export function judge(sent: readonly Sent[], taken: readonly Taken[]): Counts {
  const known = new Map(sent.map((message) => [message.content, message]));
  const firsts: (Sent & Taken)[] = [];
  const seen = new Set<string>();
  const counts = { repeated: 0, repeatedFlagged: 0, foreign: 0 };
  for (const delivery of taken) {
    const message = known.get(delivery.content);
    if (message === undefined) counts.foreign++;
    else if (seen.has(delivery.content)) counts[delivery.flagged ? "repeatedFlagged" : "repeated"]++;
    else firsts.push({ ...message, ...delivery });
    seen.add(delivery.content);
  }
  return {
    sent: known.size,
    lost: known.size - firsts.length,
    ...counts,
    outOfOrder: outOfOrderIn(firsts),
    newFlagged: firsts.filter(({ flagged }) => flagged).length,
  };
}

function outOfOrderIn(messages: readonly Sent[]): number {
  const newest = new Map<number, number>();
  let count = 0;
  for (const { sender, number } of messages) {
    const before = newest.get(sender) ?? -1;
    if (number < before) count++;
    newest.set(sender, Math.max(before, number));
  }
  return count;
}
