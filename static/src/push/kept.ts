/*
 * What the service worker has to know, while no page is open: it has none of the page's own storage but this. Types alone come from here
 * into the page's first load.
 */

/** The cache, and the entry in it. The records of the users' choices in `localStorage` begin with it, too. */
export const KEPT = "gotalk-push";

/** What a `PUT /push` says beside the subscription, and how; and what may be shown. Without it push is off or nobody is logged in, and nothing is shown. */
export interface Kept {
  readonly token: string;
  /** The server's. Undefined: it has not been asked yet. */
  readonly publicKey?: string;
  readonly showText: boolean;
  /** Conversations of which nothing is told but, in a group, what mentions the user. */
  readonly muted: readonly string[];
  /** Conversations whose texts may be shown: what strangers write comes onto no locked screen. */
  readonly known: readonly string[];
}

/** What a push bears. */
export interface PushedMessage {
  readonly conversation: string;
  readonly senderName: string;
  readonly groupName?: string;
  readonly text?: string;
  /** Whether it mentions the user. */
  readonly isMention?: true;
}
