import type { FileContent } from "../../../lib/client/index.ts";
import type { HistoryList, HistoryPart } from "../history/list.ts";
import type { TimelinePlace } from "./records.ts";

/** How far a history is read: up to a message, or up to what waits for the message with this id. That comes behind all messages. */
export type HistoryPlace = TimelinePlace | { readonly waitsFor: string };

/** The history of this device, as far as it is uploaded. */
export interface Offering {
  /** See `history/code.ts`. */
  readonly code: string;
  /** By the server's clock, RFC 3339. */
  readonly begunAt: string;
  readonly parts: readonly HistoryPart[];
  /** The last that is in them. */
  readonly after?: HistoryPlace | undefined;
  /** Messages that were read for them. */
  readonly messages: number;
  /** Those of them that are damaged here and were left out. */
  readonly damaged: number;
  /** All parts are uploaded. */
  readonly isWhole?: boolean;
  /** What the user's other devices were told, once they were. */
  readonly sealed?: string;
}

/** An offer that its code has opened. The code is not needed any more, and is not kept. */
export interface Opened {
  /** See {@link Bringing}. */
  readonly offerId: string;
  /** The list of its parts, which is not here yet. */
  readonly file: FileContent;
}

/** The history of another device, as far as it is here. */
export interface Bringing {
  /** Of the offer, see `moves.ts`. */
  readonly offerId: string;
  readonly list: HistoryList;
  /** Its first parts, so many, are here. */
  readonly done: number;
  /** Messages that it has added. */
  readonly added: number;
  /** Messages that were here and that it has changed. Undefined, as an older page leaves it: none. */
  readonly changed?: number;
  /** Lines of it that were not taken, as an import leaves them out. */
  readonly leftOut: number;
}
