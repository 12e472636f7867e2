import type { KnownType } from "./message.ts";
import type { CallOptions, Outgoing } from "./options.ts";

/** What nobody need be disturbed by. */
const QUIET = new Set<string | undefined>([
  "edit",
  "deletion",
  "reaction",
  "delivered",
  "read",
  "own",
] satisfies KnownType[]);

/** What the user's other devices have no use for. */
const WITHOUT_COPIES = new Set<string | undefined>(["delivered", "read"] satisfies KnownType[]);

/** The fields of a send, by what a message is. What the server takes for granted is left out. */
interface SendFields {
  readonly sendToId: string;
  readonly content: string;
  readonly type?: string | undefined;
  readonly about?: string | undefined;
  readonly quiet?: true | undefined;
  readonly copies?: false | undefined;
}

/** Divides a message into the fields of its request and the options of the call. */
export function envelopeOf(outgoing: Omit<Outgoing, "messageId" | "onNewId">): {
  readonly fields: SendFields;
  readonly options: CallOptions;
} {
  const {
    to,
    content,
    type,
    about,
    quiet = QUIET.has(type),
    copies = !WITHOUT_COPIES.has(type),
    ...options
  } = outgoing;
  const flags = { quiet: quiet || undefined, copies: copies ? undefined : (false as const) };
  return { fields: { sendToId: to, content, type, about, ...flags }, options };
}
