import { type Browser, chromium } from "playwright-core";
import { inject } from "vitest";
import type { Credentials } from "../seeding.ts";

/** A stack that other test files use at the same time: nobody stops it, and each test has users of its own. */
export interface SharedStack {
  readonly url: string;
  readonly port: number;
  /** Its data folder. */
  readonly data: string;
}

/** The stack that all test files share which need nothing special of one. It has no bounds by address. */
export const sharedStack = (): Promise<SharedStack> => part("stack");

/** Another one, for test files that ask faster than any user may: it bounds no rate. */
export const unboundedStack = (): Promise<SharedStack> => part("unbounded");

/** What a stack has printed so far, for whatever test. */
export const printedBy = ({ port }: SharedStack): Promise<string> => part(`printed/${port}`);

/** A connection to the browser that all test files share. Closing it closes what was opened through it. */
export const sharedBrowser = async (): Promise<Browser> => chromium.connect(await part<string>("browser"));

/**
 * Makes a user of the shared stack by its table. The password's hash is a weak one, so that logging in costs next to
 * nothing. Registering by the API is for tests that are about it.
 *
 * @returns The id.
 */
export const seedUser = ({ username, password }: Credentials): Promise<string> =>
  part("user", { method: "POST", body: JSON.stringify({ username, password }) });

/** The file of the compiled terminal client. */
export const terminalClient = (): Promise<string> => part("terminal");

async function part<Part>(name: string, request?: RequestInit): Promise<Part> {
  const response = await fetch(`${inject("sharedParts")}/${name}`, request);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Part;
}
