import { type Client, readFileContent } from "../../../lib/client/index.ts";
import { removeEmptyLines } from "../storage/empty-lines.ts";
import { storeBrought } from "../storage/imported.ts";
import type { Bringing, Opened } from "../storage/move-records.ts";
import { bringingOf, deleteBringing, type Offer, storeBringing, storeOpened } from "../storage/moves.ts";
import type { Stored } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { type ImportReport, importHistory, type Storing } from "./importing.ts";
import { type HistoryPart, type ListRefusal, readList } from "./list.ts";
import type { TransferWatch } from "./offering.ts";
import { unpacked } from "./packing.ts";
import { persisting } from "./persisting.ts";
import { unseal } from "./sealing.ts";

/** What a download of a history needs. */
export interface BringingHost {
  readonly client: Pick<Client, "fetchFile">;
  readonly database: Database;
  readonly ownId: string;
  /** Called with messages that were here and have changed. New ones may be too many: a view reads them when all are here. */
  onChanged(stored: Stored): void;
}

/** Why a history is refused: its list is not valid, or the code does not open it. */
export type BringRefusal = ListRefusal | "wrong code";

/** A history is not for this user, this page or this code. */
export class NotTaken extends Error {
  override readonly name = "NotTaken";
  readonly reason: BringRefusal;

  constructor(reason: BringRefusal) {
    super(reason);
    this.reason = reason;
  }
}

/** Of what is sealed. */
const VERSION = 1;

/**
 * Opens an offer by its code, and stores what it says. From then on the code is not needed. It needs no network.
 *
 * @throws NotTaken
 */
export async function openOffer(
  { database, ownId }: Pick<BringingHost, "database" | "ownId">,
  offer: Offer,
  code: string,
): Promise<Opened> {
  if (offer.version > VERSION) throw new NotTaken("newer");
  const text = await unseal(offer.sealed, code, ownId);
  if (text === undefined) throw new NotTaken("wrong code");
  const file = readFileContent(text);
  if (file === undefined) throw new NotTaken("damaged");
  const opened = { offerId: offer.id, file };
  await storeOpened(database, opened);
  return opened;
}

/**
 * Fetches the list of the parts of an opened history, and stores it.
 *
 * @throws NotTaken, the signal's reason when it is aborted, and what `Client.fetchFile` throws
 */
export async function fetchList(
  { client, database, ownId }: BringingHost,
  { offerId, file }: Opened,
  { signal, onOutage }: Pick<TransferWatch, "signal" | "onOutage">,
): Promise<Bringing> {
  const blob = await persisting(() => client.fetchFile(file, { signal }), signal, onOutage);
  const list = readList(await blob.text(), ownId);
  if (typeof list === "string") throw new NotTaken(list);
  const bringing = { offerId, list, done: 0, added: 0, leftOut: 0 };
  await storeBringing(database, bringing);
  return bringing;
}

/**
 * Fetches an opened history part by part, and merges each into what is here. After a stop, a reload or a failure another call goes on with
 * the part at which it ended. When all parts are here, it is forgotten where they were.
 *
 * @returns how far it has come: `done` is the number of parts if it is whole
 * @throws NotTaken, the signal's reason when it is aborted, what `Client.fetchFile` throws, and DOMException when it cannot be stored
 */
export async function bringHistory(host: BringingHost, begun: Bringing, watch: TransferWatch): Promise<Bringing> {
  const { database } = host;
  const { parts } = begun.list;
  const total = parts.reduce((bytes, { file }) => bytes + file.bytes, 0);
  let [bringing, before] = [begun, 0];
  for (const [index, part] of parts.entries()) {
    if (index >= bringing.done) {
      const report = await bringPart(host, part, {
        ...watch,
        onProgress: (share) => watch.onProgress((before + share * part.file.bytes) / total),
      });
      bringing = {
        ...bringing,
        done: bringing.done + (report.end.kind === "whole" ? 1 : 0),
        added: bringing.added + report.added,
        changed: (bringing.changed ?? 0) + report.changed,
        leftOut: bringing.leftOut + report.damaged + report.leftOut,
      };
      await storeUnlessReplaced(database, bringing);
      throwUnlessWhole(report, watch.signal);
    }
    before += part.file.bytes;
  }
  await removeEmptyLines(database);
  await deleteBringing(database, bringing);
  return bringing;
}

/** Half of the work is to fetch it. */
async function bringPart(
  { client, database, ownId, onChanged }: BringingHost,
  { file, plainBytes }: HistoryPart,
  { signal, onProgress, onOutage }: TransferWatch,
): Promise<ImportReport> {
  const fetching = { signal, onProgress: (done: number, all: number) => onProgress(done / all / 2) };
  const packed = await persisting(() => client.fetchFile(file, fetching), signal, onOutage);
  const importing = { signal, onProgress: (share: number) => onProgress(0.5 + share / 2) };
  const store: Storing = async (...part) => {
    const { added, ...stored } = await storeBrought(...part);
    if (stored.messages.length > 0) onChanged(stored);
    return { added, changed: stored.messages.length };
  };
  return importHistory(database, ownId, unpacked(packed, plainBytes), importing, store);
}

/** Another tab may have opened a later offer meanwhile. */
async function storeUnlessReplaced(database: Database, bringing: Bringing): Promise<void> {
  const known = await bringingOf(database, { id: bringing.offerId, version: VERSION, sealed: "" });
  if (known !== undefined) await storeBringing(database, bringing);
}

function throwUnlessWhole({ end }: ImportReport, signal: AbortSignal): void {
  if (end.kind === "whole") return;
  signal.throwIfAborted();
  if (end.kind === "refused" && end.reason.kind === "newer") throw new NotTaken("newer");
  if (end.kind === "refused" && end.reason.kind === "other user") throw new NotTaken("other user");
  // What the storage refuses comes in with another attempt. What cannot be decompressed never does.
  if (end.kind === "failed" && end.error instanceof DOMException) throw end.error;
  throw new NotTaken("damaged");
}
