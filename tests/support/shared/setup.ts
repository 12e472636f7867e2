import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The URL of the process that makes the shared parts. */
    readonly sharedParts: string;
  }
}

/** Around all tests: keeps the process that makes what test files share. */
export default async function share(project: TestProject): Promise<() => Promise<void>> {
  const child = fork(fileURLToPath(new URL("parts.ts", import.meta.url)));
  const ended = once(child, "exit");
  const [url] = await once(child, "message");
  project.provide("sharedParts", url);
  return async () => {
    child.send("end");
    await ended;
  };
}
