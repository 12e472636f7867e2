import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { FunctionHost, type FunctionSettings } from "../../local/function-host.ts";
import { temporaryFolder } from "../support/folders.ts";

export const PATIENCE_MS = 60_000;

interface Options extends Pick<FunctionSettings, "engine"> {
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeout?: number;
}

/** A host of a function with this source, which may be changed. */
export function hostOf(source: string, { environment = {}, timeout = PATIENCE_MS, engine }: Options = {}) {
  const folder = temporaryFolder();
  let bundle = "";
  let versions = 0;
  const write = (text: string): void => {
    const file = join(folder, `${versions++}.mjs`);
    writeFileSync(file, text);
    bundle = pathToFileURL(file).href;
  };
  write(source);
  const code = () => ({ bundle, name: "handler" });
  const host = new FunctionHost({
    name: "try",
    memorySize: 128,
    timeout,
    environment,
    code,
    ...(engine && { engine }),
  });
  onTestFinished(() => host.stop());
  return { host, write };
}
