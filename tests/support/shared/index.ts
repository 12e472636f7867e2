import { type Browser, chromium } from "playwright-core";
import { inject } from "vitest";

/** A stack that other test files use at the same time: nobody stops it, and each test has users of its own. */
export interface SharedStack {
  readonly url: string;
  readonly port: number;
  /** Its data folder. */
  readonly data: string;
}

/** The stack that all test files share which need nothing special of one. It has no bounds by address. */
export const sharedStack = (): Promise<SharedStack> => part("stack");

/** A connection to the browser that all test files share. Closing it closes what was opened through it. */
export const sharedBrowser = async (): Promise<Browser> => chromium.connect(await part<string>("browser"));

/** The file of the compiled terminal client. */
export const terminalClient = (): Promise<string> => part("terminal");

async function part<Part>(name: string): Promise<Part> {
  const response = await fetch(`${inject("sharedParts")}/${name}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Part;
}
