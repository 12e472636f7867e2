import { expect } from "vitest";
import type { Client } from "../../lib/client/index.ts";
import { eventually } from "./eventually.ts";
import { takeAll } from "./taking.ts";

/** The contents of all that has come for a client since it was last asked, also of what is quiet. */
export const newContents = async (client: Client): Promise<string[]> =>
  (await takeAll(client)).map(({ content }) => content);

/** Waits until these contents have come for a client since it was last asked, and no others. */
export async function receives(client: Client, ...contents: readonly string[]): Promise<void> {
  const all: string[] = [];
  await eventually(async () => {
    all.push(...(await newContents(client)));
    expect(all).toEqual(contents);
  });
}
