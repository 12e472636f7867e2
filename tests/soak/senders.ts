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

/** One sends one message after the other, until there are enough of them in all. */
export async function keepSending(
  sender: Session,
  receivers: readonly Session[],
  { url, plan, ledger, random }: { url: string; plan: Plan; ledger: SoakLedger; random: Random },
): Promise<void> {
  const patient = new Client({ url, session: sender, retry: PATIENT, timeout: TIMEOUT_MS, live: false });
  const hasty = new Client({ url, session: sender, retry: ONCE, timeout: TIMEOUT_MS, live: false });
  const again: Outgoing[] = [];
  const send = async (client: Client, { to, content, messageId, senderId }: Outgoing): Promise<void> => {
    await client.send({ to, content, messageId });
    ledger.told({ senderId, messageId });
  };
  while (ledger.begun < plan.messages && !plan.signal.aborted) {
    const to = random.pick(receivers.filter(({ id }) => id !== sender.id)).id;
    const message = { senderId: sender.id, messageId: newMessageId(), to, content: contentOf(random) };
    ledger.begin(message, to, message.content);
    if (random.happens(TRIED_ONCE)) await send(hasty, message).catch(() => undefined);
    else await send(patient, message);
    if (random.happens(SENT_AGAIN)) again.push(message);
    if (again.length > 0 && random.between(1, LONG_AFTER) === 1) await send(patient, again.shift() as Outgoing);
  }
  for (const message of again) await send(patient, message);
}

function contentOf(random: Random): string {
  const words = random.happens(5) ? 1_000 : random.between(1, 8);
  // The first one is seen: a message of nothing but invisible characters is refused.
  return ["So", ...Array.from({ length: words }, () => random.pick(WORDS))].join(" ");
}
