import type { FileContent } from "./file-content.ts";
import type { OutgoingFile, TransferOptions, UploadOptions } from "./file-options.ts";
import type { Sent } from "./model.ts";
import type { OwnCalls } from "./own-calls.ts";
import type { Sending } from "./sending.ts";

/** The code for files is loaded when it is first used, all of it at once. So a page begins without it. */
const load = () => import("./file-transfers.ts");

/** Sends and fetches files. They are encrypted here: the server has neither their keys nor their names. */
export class Files {
  readonly #own: OwnCalls;
  readonly #sender: Sending;

  constructor(own: OwnCalls, sender: Sending) {
    this.#own = own;
    this.#sender = sender;
  }

  /**
   * Encrypts a file, uploads it, and sends the message about it.
   *
   * The file is uploaded once more if the call is repeated. To avoid that, or to go on after a restart, use
   * {@link uploadFile}, store its result, and send it as the content of a message of the type `file`.
   *
   * @throws ProblemError `file_too_large` (413), `too_many_files` (429), and what `send` throws
   * @throws FileError `file_changed`
   * @example
   * ```ts
   * const { id: to } = await client.find("alice");
   * await client.sendFile({ to, file: new Blob(["a,b\n1,2\n"], { type: "text/csv" }), name: "table.csv" });
   * ```
   */
  async sendFile(outgoing: OutgoingFile): Promise<Sent> {
    return (await load()).sendFile(this.#own, this.#sender, outgoing);
  }

  /**
   * Encrypts a file under a key of its own and uploads it.
   *
   * @returns the content of the message: send it as JSON. It holds the key
   * @throws ProblemError `file_too_large` (413), `too_many_files` (429)
   * @throws FileError `file_changed`
   * @example
   * ```ts
   * const { id: to } = await client.find("alice");
   * const content = await client.uploadFile(new Blob(["Hello"]), { name: "hello.txt", mediaType: "text/plain" });
   * await client.send({ to, type: "file", content: JSON.stringify(content) });
   * ```
   */
  async uploadFile(file: Blob, options: UploadOptions): Promise<FileContent> {
    return (await load()).uploadFile(this.#own, file, options);
  }

  /**
   * Fetches a file. All of it is checked before any of it is decrypted.
   *
   * @param file See `readFileContent`.
   * @returns the file, without the media type that its sender gave: a browser would run a page or a picture of a stranger that
   * says what it is. `blob.slice(0, blob.size, type)` gives it one
   * @throws FileError `file_expired`, `file_corrupt`
   * @example
   * ```ts
   * for await (const message of client.receive()) {
   *   const file = message.type === "file" ? readFileContent(message.content) : undefined;
   *   if (file) console.log(await (await client.fetchFile(file)).text());
   * }
   * ```
   */
  async fetchFile(file: FileContent, options: TransferOptions = {}): Promise<Blob> {
    return (await load()).fetchFile(this.#own, file, options);
  }
}
