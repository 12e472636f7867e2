/*
 * What the service worker has to know, while no page is open: it has none of the page's own storage but this. Types alone come from here
 * into the page's first load.
 */

/** The cache, and the entry in it. The page's erasing and the worker name them, too. */
export const KEPT = "gotalk-push";

/** What a `PUT /push` says beside the subscription, and how. */
export interface Kept {
  readonly token: string;
  readonly publicKey: string;
  readonly showText: boolean;
  /** Conversations that nothing is told of. */
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
}
