import {
  askedDelay,
  backoff,
  type FileContent,
  isPassing,
  ProblemError,
  realTiming,
  Sleeper,
} from "../../../lib/client/index.ts";
import { inBackground } from "../chat/background.ts";
import type { UploadHost } from "../chat/fileParts.ts";
import { contentOf } from "../storage/content.ts";
import { finishUpload, isUpload, type Upload, uploadNow } from "../storage/files.ts";
import { outboxOf, setStatus } from "../storage/outbox.ts";
import { previewOf } from "./preparing.ts";
import { readShown } from "./reading.ts";
import { explainFile } from "./words.ts";

/** The random wait after a failure, in milliseconds. It comes on top of the wait that the server asks for. */
const BACKOFF = { base: 1_000, max: 20_000 };

/** Milliseconds between two words on the progress. */
const OFTEN = 100;

const GONE = "The file is not on this device any more. Attach it again.";

const running = new WeakMap<AbortSignal, Uploads>();

/** Uploads the files of the outbox one after the other, in the order of writing, unless that is going on. */
export function uploadAll(host: UploadHost): void {
  const known = running.get(host.signal);
  known?.wake();
  if (known !== undefined) return;
  const uploads = new Uploads(host);
  running.set(host.signal, uploads);
  inBackground(uploads.run());
}

class Uploads {
  readonly #host: UploadHost;
  readonly #sleeper = new Sleeper();
  #isAsked = true;
  #failures = 0;

  constructor(host: UploadHost) {
    this.#host = host;
  }

  /** There may be something new to upload, or a network to do it. */
  wake(): void {
    this.#isAsked = true;
    this.#sleeper.wake();
  }

  async run(): Promise<void> {
    const { database, signal } = this.#host;
    try {
      while (this.#isAsked && !signal.aborted) {
        this.#isAsked = false;
        const all = await outboxOf(database);
        const next = all.filter(isUpload).find(({ status }) => status === "pending");
        if (next === undefined) continue;
        this.#isAsked = true;
        await this.#attempt(next);
      }
    } finally {
      // At once: the next call begins anew.
      running.delete(signal);
    }
  }

  async #attempt(message: Upload): Promise<void> {
    const { database, tabs, signal, user } = this.#host;
    const file = await contentOf(database, message.upload);
    if (file === undefined) return this.#tell(message, "failed", GONE);
    const life = new AbortController();
    const stopListening = tabs.listen(({ type }) => {
      if (type === "queued" || type === "deleted") inBackground(this.#abortIfGone(message, life));
    });
    try {
      const content = await this.#upload(message, file, AbortSignal.any([signal, life.signal]));
      await finishUpload(database, message, content, user.id);
      this.#failures = 0;
      tabs.emit({ type: "queued" });
    } catch (error) {
      if (signal.aborted || life.signal.aborted) return;
      await this.#fail(message, error);
    } finally {
      stopListening();
    }
  }

  async #upload({ sequence, content }: Upload, file: Blob, signal: AbortSignal): Promise<FileContent> {
    const { client, tabs } = this.#host;
    const { name, mediaType, kind, size, duration, preview, waveform } = readShown(content);
    const drawing = preview ?? (kind === "Picture" ? previewOf(file, size) : undefined);
    let told = 0;
    const uploaded = await client.uploadFile(file, {
      ...{ name, mediaType, signal },
      ...(size ?? {}),
      ...(duration !== undefined && { duration }),
      ...(waveform !== undefined && { waveform }),
      onProgress: (done, total) => {
        const now = performance.now();
        if (now - told < OFTEN && done < total) return;
        told = now;
        tabs.emit({ type: "upload", sequence, part: total === 0 ? 1 : done / total });
      },
    });
    const drawn = await drawing;
    return drawn === undefined ? uploaded : { ...uploaded, preview: drawn };
  }

  async #abortIfGone(message: Upload, life: AbortController): Promise<void> {
    if ((await uploadNow(this.#host.database, message)) === undefined) life.abort();
  }

  async #fail(message: Upload, error: unknown): Promise<void> {
    const isExpired = error instanceof ProblemError && error.status === 401;
    // The person decides what becomes of a file that the server refuses.
    if (!isPassing(error) && !isExpired) return this.#tell(message, "failed", explainFile(error));
    const { signal } = this.#host;
    const asked = askedDelay(error);
    const end = performance.now() + asked;
    await this.#tell(message, "pending", explainFile(error));
    await this.#sleeper.sleep(asked + backoff(this.#failures++, BACKOFF, realTiming), signal);
    // Nothing shortens the wait that the server asks for. After a press on Retry meanwhile the reason is shown again.
    while (performance.now() < end && !signal.aborted) {
      await this.#tell(message, "pending", explainFile(error));
      await this.#sleeper.sleep(end - performance.now(), signal);
    }
  }

  async #tell(message: Upload, status: "pending" | "failed", problem: string): Promise<void> {
    await setStatus(this.#host.database, message, { status, problem });
    this.#host.tabs.emit({ type: "changed" });
  }
}
