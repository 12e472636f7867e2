import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { Client } from "../../../lib/client/index.ts";
import type { Credentials } from "../seeding.ts";
import { type SharedStack, seedUser, sharedBrowser, sharedStack } from "../shared/index.ts";
import { startStack } from "../stack.ts";
import { keepPictures } from "./pictures.ts";
import { newVisitor, type VisitOptions, type Visitor } from "./visitor.ts";

/** The page may be asking for something just now, and a test may be answering. */
async function close(context: BrowserContext): Promise<void> {
  const routed = [context, ...context.pages()];
  await Promise.all(routed.map((one) => one.unrouteAll({ behavior: "ignoreErrors" })));
  await context.close();
}

/** What the tests of the page work with. */
export interface Fixture {
  readonly stack: SharedStack;
  readonly browser: Browser;
  /** A user who has logged in on the page. */
  visitor(name: string, options?: VisitOptions): Promise<Visitor>;
  /** A user who has a browser, and has not opened the page. */
  stranger(name: string, options?: VisitOptions): Promise<Visitor>;
  /** The same user in another browser, logged in. */
  secondBrowser(of: Visitor, options?: VisitOptions): Promise<Visitor>;
  /** A user without a page: a client that is logged in. */
  client(name: string): Promise<Client>;
}

/**
 * A stack and a browser for all tests of a file. After each test its pages are closed, and none may have thrown.
 *
 * @param env The environment of a stack of the file's own; without it, the stack is the one that files share.
 */
export function usePage(env?: NodeJS.ProcessEnv): Fixture {
  let stack: SharedStack | undefined;
  let stop: (() => Promise<unknown>) | undefined;
  let browser: Browser | undefined;
  let visitors: Visitor[] = [];

  beforeAll(async () => {
    const own =
      env &&
      startStack({ env }).then((started) => {
        stop = started.stop;
        return started;
      });
    [stack, browser] = await Promise.all([own ?? sharedStack(), sharedBrowser()]);
  });
  afterEach(async ({ task }) => {
    if (task.result?.errors?.length) await keepPictures(task.name, visitors);
    const faults = visitors.flatMap((visitor) => visitor.faults);
    await Promise.all(visitors.map(({ context }) => close(context)));
    visitors = [];
    expect(faults.join("\n")).toBe("");
  });
  afterAll(async () => {
    await browser?.close();
    await stop?.();
  });

  const register = ({ username, password }: Credentials): Promise<unknown> =>
    env === undefined
      ? seedUser({ username, password })
      : new Client({ url: fixture.stack.url }).register({ username, password });

  const fixture: Fixture = {
    get stack() {
      if (stack === undefined) throw new Error("The stack has not been started.");
      return stack;
    },
    get browser() {
      if (browser === undefined) throw new Error("The browser has not been started.");
      return browser;
    },
    async stranger(name, options) {
      const visitor = await newVisitor(fixture.browser, fixture.stack.url, name, options);
      visitors.push(visitor);
      return visitor;
    },
    async visitor(name, options) {
      const visitor = await fixture.stranger(name, options);
      await register(visitor);
      await visitor.page.goto(visitor.url);
      await visitor.logIn();
      return visitor;
    },
    async secondBrowser({ username, password }, options) {
      const visitor = await fixture.stranger(username, { ...options, as: { username, password } });
      await visitor.page.goto(visitor.url);
      await visitor.logIn();
      return visitor;
    },
    async client(name) {
      const client = new Client({ url: fixture.stack.url, live: false });
      const credentials = { username: `${name}-${crypto.randomUUID().slice(0, 8)}`, password: crypto.randomUUID() };
      await register(credentials);
      await client.login(credentials);
      return client;
    },
  };
  return fixture;
}
