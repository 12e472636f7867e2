import { readFile } from "node:fs/promises";
import { buildPage } from "../stack/page-build.ts";
import { type PageFile, pageFiles } from "../stack/page-files.ts";

/** A file of the page with what is in it. */
export interface ReadFile extends PageFile {
  readonly content: Uint8Array;
}

/**
 * Builds the page and reads all of it. A deployment does so before it changes the stack: what can fail here fails first.
 * Minutes later the files on the disk may be another build's.
 *
 * @throws {StartError} The page cannot be built.
 */
export async function readPage(): Promise<ReadFile[]> {
  await buildPage();
  return Promise.all(pageFiles().map(async (file) => ({ ...file, content: await readFile(file.file) })));
}
