import type { ApiServer } from "serverless-offline";

interface Part {
  readonly prototype: { start(): Promise<void>; getServer(): ApiServer };
}

/** A class of serverless-offline that the package does not export, by its file beside its Lambda. */
export async function offlinePart(file: string): Promise<Part> {
  const path = new URL(file, import.meta.resolve("serverless-offline/lambda"));
  return (await import(path.href)).default;
}
