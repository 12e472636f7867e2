import type { Client, User } from "../../../lib/client/index.ts";
import { timeOf } from "../../../lib/contract/uuid-time.ts";
import type { Offering } from "../storage/move-records.ts";
import { offeringOf, storeOffering } from "../storage/moves.ts";
import type { Database } from "../storage/schema.ts";
import { newCode } from "./code.ts";
import { type HistoryPart, MOST_PARTS, PART_BYTES, writeList } from "./list.ts";
import { type Packed, packPart } from "./packing.ts";
import { persisting } from "./persisting.ts";
import type { Watch } from "./progress.ts";
import { seal } from "./sealing.ts";

/** What an upload of the history needs. */
export interface OfferingHost {
  readonly client: Pick<Client, "uploadFile" | "newMessageId">;
  readonly database: Database;
  readonly user: User;
  /** For tests: how a history is cut. */
  readonly partBytes?: number;
  readonly mostParts?: number;
}

/** How a person follows the work. */
export interface TransferWatch extends Watch {
  /** There is no network, or no server. It is tried again. */
  onOutage(error: unknown): void;
}

/** This history has more parts than a user may upload on a day. */
export class HistoryTooLarge extends Error {
  override readonly name = "HistoryTooLarge";
}

const MEDIA_TYPE = "application/gzip";

/**
 * Uploads the history of this device, encrypted, part by part. What is uploaded is stored: after a stop, a reload or a failure another
 * call goes on behind the last part that was whole.
 *
 * @returns what the user's other devices are to be told, with the code that opens it: `sealed` is there
 * @throws HistoryTooLarge, the signal's reason when it is aborted, and what `Client.uploadFile` throws
 */
export async function uploadHistory(host: OfferingHost, watch: TransferWatch): Promise<Offering & { sealed: string }> {
  const { client, database, user } = host;
  const total = await database.countFromIndex("messages", "timeline");
  const now = timeOf(client.newMessageId());
  let offering: Offering = (await offeringOf(database, user.id, now)) ?? {
    ...{ code: newCode(), begunAt: new Date(now).toISOString() },
    ...{ parts: [], messages: 0, damaged: 0 },
  };
  const upload = (blob: Blob, name: string, onProgress?: (done: number, total: number) => void) => {
    const { signal, onOutage } = watch;
    return persisting(
      () => client.uploadFile(blob, { name, mediaType: MEDIA_TYPE, signal, onProgress }),
      signal,
      onOutage,
    );
  };
  while (offering.isWhole !== true) {
    if (offering.parts.length >= (host.mostParts ?? MOST_PARTS)) throw new HistoryTooLarge();
    const before = offering.messages;
    const tell = (messages: number) => watch.onProgress(total === 0 ? 0 : Math.min(1, messages / total));
    const packed = await packPart(database, user, {
      after: offering.after,
      signal: watch.signal,
      // Half of the work is to read it.
      onRead: (messages) => tell(before + messages / 2),
      partBytes: host.partBytes ?? PART_BYTES,
    });
    const { blob, plainBytes, messages } = packed;
    const file = await upload(blob, `part ${offering.parts.length + 1}`, (done, all) =>
      tell(before + (messages * (1 + done / all)) / 2),
    );
    offering = withPart(offering, { file, plainBytes }, packed);
    await storeOffering(database, offering);
  }
  const { begunAt, parts, code } = offering;
  const list = await upload(new Blob([writeList({ userId: user.id, begunAt, parts })]), "list");
  return { ...offering, sealed: await seal(JSON.stringify(list), code, user.id) };
}

const withPart = (offering: Offering, part: HistoryPart, { last, messages, damaged, isLast }: Packed): Offering => ({
  ...offering,
  parts: [...offering.parts, part],
  after: last,
  messages: offering.messages + messages,
  damaged: offering.damaged + damaged,
  ...(isLast && { isWhole: true }),
});
