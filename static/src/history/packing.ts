import type { User } from "../../../lib/client/index.ts";
import { conversationsOf } from "../storage/conversations.ts";
import { timelinesAfter } from "../storage/history.ts";
import type { TimelinePlace } from "../storage/records.ts";
import type { Database } from "../storage/schema.ts";
import { batchesAfter, peopleLines } from "./exporting.ts";
import { END_LINE, headerLine } from "./format.ts";
import { PART_BYTES } from "./list.ts";

/** A part of a history, ready to be uploaded. */
export interface Packed {
  readonly blob: Blob;
  /** Before it was compressed. */
  readonly plainBytes: number;
  /** The last message that was read for it. Undefined: there was none. */
  readonly last: TimelinePlace | undefined;
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
  readonly after: TimelinePlace | undefined;
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

/**
 * Makes the next part of a history: a whole file of its own, as an export makes it.
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
  for await (const batch of batchesAfter(database, user.id, after)) {
    signal.throwIfAborted();
    await packer.write(batch.lines);
    last = batch.last;
    messages += batch.messages;
    damaged += batch.messages - batch.lines.length;
    onRead(messages);
    if (packer.bytes >= partBytes) break;
  }
  const isLast = (await timelinesAfter(database, last, 1)).length === 0;
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
