import { Client, type FileContent, type Session } from "../../../lib/client/index.ts";

const sha256Of = async (bytes: ArrayBuffer): Promise<string> =>
  btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))));

/** The client library in a browser, for tests of files. */
export const filesInPage = {
  /** Uploads so many bytes. @returns the message's content, the sum of the file, and the progress that was told */
  upload: async (session: Session, size: number) => {
    const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7) % 256);
    const told: number[] = [];
    const client = new Client({ url: location.origin, session, live: false });
    const options = { name: "a.bin", onProgress: (done: number) => told.push(done) };
    const content = await client.uploadFile(new Blob([bytes]), options);
    return { content, told, sha256: await sha256Of(bytes.buffer) };
  },

  /** Fetches a file. @returns the sum of it, its type, and the progress that was told */
  fetch: async (session: Session, file: FileContent) => {
    const told: number[] = [];
    const client = new Client({ url: location.origin, session, live: false });
    const blob = await client.fetchFile(file, { onProgress: (done) => told.push(done) });
    return { told, type: blob.type, sha256: await sha256Of(await blob.arrayBuffer()) };
  },

  /** Begins an upload and ends it when the first bytes have gone. @returns what it throws */
  abort: async (session: Session, size: number) => {
    const controller = new AbortController();
    const client = new Client({ url: location.origin, session, live: false });
    const onProgress = (done: number) => done > 0 && controller.abort("enough");
    const options = { name: "a.bin", signal: controller.signal, onProgress };
    return client.uploadFile(new Blob([new Uint8Array(size)]), options).catch((error: unknown) => String(error));
  },
};

Reflect.set(globalThis, "filesInPage", filesInPage);
