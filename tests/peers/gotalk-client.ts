import { setTimeout as sleep } from "node:timers/promises";
import { type BackoffOptions, Client, type InboxState, type Session } from "../../lib/client/index.ts";
import type { Receiving } from "./receiving.ts";
import type { Sender } from "./sender.ts";

/**
 * How a receiver of goTalk keeps its state:
 * - `beside`: in one transaction with each message
 * - `apart`: by `onState`, after the message
 * - `none`: it syncs without `ack` and has no state
 */
export type GoTalkState = "beside" | "apart" | "none";

export interface GoTalkTask {
  readonly kind: "gotalk";
  readonly state: GoTalkState;
  readonly url: string;
  readonly session: Session;
}

/** Comes back soon, and outlasts every restart. */
export const PATIENT: BackoffOptions = { base: 50, max: 1_000, giveUpAfter: Number.POSITIVE_INFINITY };
const POLL = { min: 20, max: 100 };
const STATE = "inbox";

/** Asks for answers that are not compressed: the proxy looks for messages in what passes. */
const plainFetch: typeof fetch = (input, init) =>
  fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), "accept-encoding": "identity" } });

/** Receives without an end. It polls: then each cut connection is one that carries messages, and not a wake. */
export async function receiveFromGoTalk(task: GoTalkTask, { journal, ready, take }: Receiving): Promise<void> {
  const { url, session, state } = task;
  const client = new Client({ url, session, retry: PATIENT, live: false, fetch: plainFetch });
  ready();
  if (state === "none") return syncForever(client, take);

  const isSaved = (latest: InboxState): boolean => journal.saved<InboxState>(STATE)?.receipt === latest.receipt;
  const inbox = client.receive({
    state: journal.saved<InboxState>(STATE),
    poll: POLL,
    onState: (latest) => {
      // Beside the messages, it is only what has no message to go with.
      if (state === "apart" || !isSaved(latest)) journal.save(STATE, latest);
    },
  });
  for await (const { content, redelivered } of inbox) {
    const save = (): void => journal.save(STATE, inbox.state);
    take({ content, flagged: redelivered }, state === "beside" ? save : undefined);
  }
}

/** goTalk's own two parameters: each sync settles what it takes. */
async function syncForever(client: Client, take: Receiving["take"]): Promise<void> {
  for (;;) {
    const batch = await client.sync().catch(() => undefined);
    for (const { content, redelivered } of batch?.messages ?? []) take({ content, flagged: redelivered });
    await sleep(batch?.more ? 0 : POLL.min);
  }
}

/** A sender that repeats a message with its `messageId` until it is answered. */
export function goTalkSender(url: string, session: Session, to: string): Sender {
  const client = new Client({ url, session, retry: PATIENT, live: false });
  return {
    send: async (content) => void (await client.send({ to, content })),
    close: async () => {},
  };
}
