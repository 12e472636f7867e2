import type { FoldedConversation } from "../../../lib/client/index.ts";
import { asObject, asText } from "../../../lib/contract/json.ts";
import { timeOf } from "../../../lib/contract/uuid-time.ts";
import type { HistoryList } from "../history/list.ts";
import { allOrNothing } from "./atomic.ts";
import type { Bringing, Offering, Opened } from "./move-records.ts";
import { beganAt } from "./notices.ts";
import { isRecord } from "./safely.ts";
import type { Database } from "./stores.ts";

/* How far a history is on its way from this device, and to it. So it goes on after a reload, and does nothing twice. */

const OFFERING = "offering";
/** Apart from `bringing`, which an older page reads, too. */
const OPENED = "opened";
const BRINGING = "bringing";

/** How long the server keeps a file, in milliseconds. */
const FILES_KEPT = 60 * 86_400_000;

/** The age at which an upload that was begun is not gone on with: each of its parts is to be there for a month after its end. */
const LONGEST_UPLOAD = FILES_KEPT / 2;

/** A history that one of the user's devices has offered to the others. */
export interface Offer {
  /** The `messageId` by which the devices were told. */
  readonly id: string;
  readonly version: number;
  readonly sealed: string;
}

/** The last offer of which this device has heard. @param own What the user's devices have said for all conversations. */
export function offerIn(own: FoldedConversation | undefined): Offer | undefined {
  const { value, messageId: id } = own?.own?.["history"] ?? {};
  const { version, sealed: said } = asObject(value);
  const sealed = asText(said);
  return id === undefined || typeof version !== "number" || sealed === undefined ? undefined : { id, version, sealed };
}

/** As {@link offerIn}, as it is stored. */
export const offerTo = async (database: Database, ownId: string): Promise<Offer | undefined> =>
  offerIn(await database.get("folded", ownId));

/** When an offer was made, in milliseconds since the epoch. */
export const madeAt = ({ id }: Offer): number => timeOf(id);

/** Whether the server has deleted the files of an offer. @param now In milliseconds since the epoch. */
export const isExpired = (offer: Offer, now: number): boolean => now > madeAt(offer) + FILES_KEPT;

/** When the first files of an offering will be deleted. */
export const expiryOf = ({ begunAt }: Pick<Offering, "begunAt">): string =>
  new Date(Date.parse(begunAt) + FILES_KEPT).toISOString();

/**
 * What is uploaded of this device's history. Nothing, if it is too old to be of use, or if the devices have since been told of another
 * history, whose code counts.
 */
export async function offeringOf(database: Database, ownId: string, now: number): Promise<Offering | undefined> {
  const [stored, offer] = await Promise.all([database.get("state", OFFERING), offerTo(database, ownId)]);
  if (!isRecord(stored, "code", "begunAt")) return undefined;
  const offering = stored as Offering;
  const age = now - Date.parse(offering.begunAt);
  if (offering.sealed === undefined) return age < LONGEST_UPLOAD ? offering : undefined;
  return age < FILES_KEPT && offering.sealed === offer?.sealed ? offering : undefined;
}

/**
 * Whether the code of this device's upload opens nothing any more: the devices were told of another history since.
 */
export async function isReplaced(database: Database, ownId: string): Promise<boolean> {
  const [stored, offer] = await Promise.all([database.get("state", OFFERING), offerTo(database, ownId)]);
  return isRecord(stored, "code", "sealed") && offer !== undefined && (stored as Offering).sealed !== offer.sealed;
}

/** Whether the server has taken the message that tells the user's devices of an upload. Until then its code opens nothing there. */
export async function isTold(database: Database, ownId: string, sealed: string): Promise<boolean> {
  const unsent = await database.getAllFromIndex("outbox", "peerId", ownId);
  // Also under another id, or among the settings that are said again.
  return !unsent.some(({ content }) => content.includes(sealed));
}

export async function storeOffering(database: Database, offering: Offering | undefined): Promise<void> {
  await (offering === undefined ? database.delete("state", OFFERING) : database.put("state", offering, OFFERING));
}

/** What the code of an offer has opened, until the list of its parts is here. Nothing, if there is a later offer. */
export const openedOf = (database: Database, offer: Offer | undefined): Promise<Opened | undefined> =>
  storedOf<Opened>(database, OPENED, offer);

export async function storeOpened(database: Database, opened: Opened): Promise<void> {
  await database.put("state", opened, OPENED);
}

/** What is here of the history that another device has offered. Nothing, if there is a later offer. */
export const bringingOf = (database: Database, offer: Offer | undefined): Promise<Bringing | undefined> =>
  storedOf<Bringing>(database, BRINGING, offer);

async function storedOf<T extends Pick<Opened, "offerId">>(
  database: Database,
  key: string,
  offer: Offer | undefined,
): Promise<T | undefined> {
  const stored = await database.get("state", key);
  if (!isRecord(stored, "offerId")) return undefined;
  const known = stored as unknown as T;
  return known.offerId === offer?.id ? known : undefined;
}

/** Stores how far a history is. From then on nobody needs what the code has opened. */
export async function storeBringing(database: Database, bringing: Bringing): Promise<void> {
  const transaction = database.transaction("state", "readwrite");
  const { store } = transaction;
  await allOrNothing(transaction, () => Promise.all([store.put(bringing, BRINGING), store.delete(OPENED)]));
}

/** Forgets what is here of an offer, unless another tab has opened a later one meanwhile. */
export async function deleteBringing(database: Database, { offerId }: Pick<Bringing, "offerId">): Promise<void> {
  const transaction = database.transaction("state", "readwrite");
  const { store } = transaction;
  await allOrNothing(transaction, async () => {
    for (const key of [OPENED, BRINGING]) {
      const stored = await store.get(key);
      if (isRecord(stored, "offerId") && (stored as Opened).offerId === offerId) await store.delete(key);
    }
  });
}

/**
 * Whether messages may be missing between an offered history and what this device gets by itself: the device began when that history was
 * gathered already.
 *
 * @param deviceId Of this device.
 */
export async function mayHaveGap(
  database: Database,
  ownId: string,
  deviceId: string | undefined,
  { begunAt }: Pick<HistoryList, "begunAt">,
): Promise<boolean> {
  if (deviceId === undefined) return false;
  const began = (await beganAt(database, deviceId)) ?? askedAt(await database.get("folded", ownId), deviceId);
  return began !== undefined && began > Date.parse(begunAt);
}

/** When a device asked the others for the settings, which each does as it begins. It is known of the newest device alone. */
function askedAt(own: FoldedConversation | undefined, deviceId: string): number | undefined {
  const { value, messageId } = own?.own?.["asksAs"] ?? {};
  return value === deviceId && messageId !== undefined ? timeOf(messageId) : undefined;
}
