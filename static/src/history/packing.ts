import { saidIn, type User } from "../../../lib/client/index.ts";
import { conversationsOf } from "../storage/conversations.ts";
import type { HistoryPlace } from "../storage/move-records.ts";
import type { Database } from "../storage/schema.ts";
import { waitingAfter } from "../storage/waiting.ts";
import { type Batch, batchesAfter, peopleLines } from "./exporting.ts";
import { END_LINE, headerLine, saidLine } from "./format.ts";
import { PART_BYTES } from "./list.ts";

/** A part of a history, ready to be uploaded. */
export interface Packed {
  readonly blob: Blob;
  /** Before it was compressed. */
  readonly plainBytes: number;
  /** The last that was read for it. Undefined: there was nothing. */
  readonly last: HistoryPlace | undefined;
  /** Messages that were read for it. */
  readonly messages: number;
  /** Those of them that are damaged in the storage, and are not in it. */
  readonly damaged: number;
  /** Nothing comes after it. */
  readonly isLast: boolean;
}

/** How a part is packed. */
export interface Packing {
  /** Where the part before has ended. Undefined: this is the first one, which has the people, too. */
  readonly after: HistoryPlace | undefined;
  readonly signal: AbortSignal;
  /** Called with the number of messages that were read so far. */
  onRead(messages: number): void;
  readonly partBytes?: number;
}

/** Compresses lines as they come. The result may lie on the disk; what is compressed is never in memory as a whole. */
class Packer {
  bytes = 0;
  readonly #encoder = new TextEncoder();
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  readonly #blob: Promise<Blob>;

  constructor() {
    const { readable, writable } = new CompressionStream("gzip");
    this.#writer = writable.getWriter();
    this.#blob = new Response(readable).blob();
    // Nobody waits for it if the work fails before the end.
    this.#blob.catch(() => undefined);
  }

  async write(lines: readonly string[]): Promise<void> {
    const bytes = this.#encoder.encode(lines.join(""));
    this.bytes += bytes.byteLength;
    await this.#writer.write(bytes);
  }

  async end(): Promise<Blob> {
    await this.#writer.close();
    return this.#blob;
  }
}

/** All behind a place: the messages, and then what waits for others. */
async function* historyAfter(
  database: Database,
  ownId: string,
  after: HistoryPlace | undefined,
): AsyncGenerator<Batch<HistoryPlace>, void> {
  const isBehindMessages = after !== undefined && "waitsFor" in after;
  if (!isBehindMessages) yield* batchesAfter(database, ownId, after);
  for await (const record of waitingAfter(database, isBehindMessages ? after.waitsFor : undefined)) {
    // Each by itself: one record can be large, and a part has its bound.
    const lines = saidIn(record).flatMap((said) => saidLine(said, ownId) ?? []);
    yield { lines, messages: 0, damaged: 0, last: { waitsFor: record.messageId } };
  }
}

/**
 * Makes the next part of a history: a whole file of its own, as an export makes it, and with what waits for messages.
 *
 * @throws the signal's reason when it is aborted, DOMException when the storage cannot be read
 */
export async function packPart(
  database: Database,
  user: User,
  { after, signal, onRead, partBytes = PART_BYTES }: Packing,
): Promise<Packed> {
  const packer = new Packer();
  await packer.write([headerLine(user, new Date())]);
  if (after === undefined) await packer.write(peopleLines(await conversationsOf(database)));
  let [last, messages, damaged] = [after, 0, 0];
  for await (const batch of historyAfter(database, user.id, after)) {
    signal.throwIfAborted();
    await packer.write(batch.lines);
    last = batch.last;
    messages += batch.messages;
    damaged += batch.damaged;
    onRead(messages);
    if (packer.bytes >= partBytes) break;
  }
  const { done: isLast = false } = await historyAfter(database, user.id, last).next();
  await packer.write([END_LINE]);
  return { blob: await packer.end(), plainBytes: packer.bytes, last, messages, damaged, isLast };
}

/**
 * A part as an import reads it. Reading fails where it has more bytes than were said: a small file can hold terabytes of zeros.
 */
export const unpacked = (packed: Blob, plainBytes: number): Pick<Blob, "size" | "stream"> => ({
  size: plainBytes,
  stream: () => packed.stream().pipeThrough(new DecompressionStream("gzip")).pipeThrough(upTo(plainBytes)),
});

function upTo(most: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > most) controller.error(new RangeError("The part is larger than it says."));
      else controller.enqueue(chunk);
    },
  });
}
