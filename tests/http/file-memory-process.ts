import { openAsBlob } from "node:fs";
import { memoryUsage, resourceUsage } from "node:process";
import { Client, type FileContent } from "../../lib/client/index.ts";

/*
 * A program that moves a file and tells how much memory it took for it, in a process of its own. Its standard input says what to move;
 * it prints the bytes.
 */

/** What the program does. */
export interface FileTask {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** The path of a file to send. */
  readonly send?: string;
  /** A file to fetch. */
  readonly fetch?: FileContent;
  /** Of a small file, which is moved first: what is loaded and compiled for it is no memory of the large one. */
  readonly warmUp: string;
}

const task = JSON.parse(await new Response(process.stdin as never).text()) as FileTask;
const { url, username, password } = task;
const client = new Client({ url, live: false });
const { id } = await client.login({ username, password });
const send = async (path: string) => client.uploadFile(await openAsBlob(path), { name: "file" });

await client.fetchFile(await send(task.warmUp));
const before = memoryUsage().rss;
if (task.send !== undefined) await client.sendFile({ to: id, file: await openAsBlob(task.send), name: "file" });
// It is not read here: a program that does holds it once more, or not, as it likes.
const fetched = task.fetch && (await client.fetchFile(task.fetch));
const most = 1_024 * resourceUsage().maxRSS;
console.log(JSON.stringify({ taken: most - before, bytes: fetched?.size }));
