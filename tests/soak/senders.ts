import { type BackoffOptions, Client, newMessageId, type Session } from "../../lib/client/index.ts";
import type { Random } from "../support/random.ts";
import type { Identity, SoakLedger } from "./soak-ledger.ts";

/** They come back soon, and outlast every restart. */
export const PATIENT: BackoffOptions = { base: 50, max: 2_000, giveUpAfter: Number.POSITIVE_INFINITY };
/** A machine with other things to do answers late; who asks again meanwhile only makes it later. */
export const TIMEOUT_MS = 60_000;
const ONCE: BackoffOptions = { base: 1, max: 1, giveUpAfter: 0 };

/** Of 1,000 messages so many are tried once only, and so many are sent again long after they were answered. */
const TRIED_ONCE = 10;
const SENT_AGAIN = 20;
const LONG_AFTER = 40;

const WORDS = ["Hello", "Grüße", "مرحبا", "שלום", "你好", "👋🏽", "नमस्ते", "a\nb\tc", '"\\', "e\u0301", " "];

interface Outgoing extends Identity {
  readonly to: string;
  readonly content: string;
}

/** What senders share: how many messages there are to be, and when it is over. */
export interface Plan {
  readonly messages: number;
  readonly signal: AbortSignal;
}

/** Somebody who sends, and who is sent to. */
export interface Correspondent {
  readonly id: string;
  /** Those that this user's devices send with. */
  readonly sessions: readonly Session[];
  /** What gets each message to this user, by the ledger's names: each device, or the one that is shared. */
  readonly places: readonly string[];
  /** What gets a copy of what a session sends. */
  copiesOf(session: Session): readonly string[];
}

/** One sends one message after the other, now with one of its devices and then with another, until there are enough in all. */
export async function keepSending(
  sender: Correspondent,
  receivers: readonly Correspondent[],
  { url, plan, ledger, random }: { url: string; plan: Plan; ledger: SoakLedger; random: Random },
): Promise<void> {
  const clientOf = (session: Session, retry: BackoffOptions): Client =>
    new Client({ url, session, retry, timeout: TIMEOUT_MS, live: false });
  const again: (() => Promise<void>)[] = [];
  const send = async (client: Client, { to, content, messageId, senderId }: Outgoing): Promise<void> => {
    await client.send({ to, content, messageId });
    ledger.accept({ senderId, messageId });
  };
  while (ledger.begun < plan.messages && !plan.signal.aborted) {
    const session = random.pick(sender.sessions);
    const { id: to, places } = random.pick(receivers.filter(({ id }) => id !== sender.id));
    const message = { senderId: sender.id, messageId: newMessageId(), to, content: contentOf(random) };
    ledger.begin(message, [...places, ...sender.copiesOf(session)], message.content);
    const patiently = (): Promise<void> => send(clientOf(session, PATIENT), message);
    if (random.happens(TRIED_ONCE)) await send(clientOf(session, ONCE), message).catch(() => undefined);
    else await patiently();
    if (random.happens(SENT_AGAIN)) again.push(patiently);
    if (again.length > 0 && random.between(1, LONG_AFTER) === 1) await again.shift()?.();
  }
  for (const once of again) await once();
}

function contentOf(random: Random): string {
  const words = random.happens(5) ? 1_000 : random.between(1, 8);
  // The first one is seen: a message of nothing but invisible characters is refused.
  return ["So", ...Array.from({ length: words }, () => random.pick(WORDS))].join(" ");
}
