import { randomUUID } from "node:crypto";
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page, WebSocket } from "playwright-core";
import { expect } from "vitest";
import { Client } from "../../../lib/client/index.ts";
import { eventually, LIMIT_MS } from "../eventually.ts";
import { plant } from "../suite-output.ts";

/** A user of the page: a browser context of their own, and the parts of the page by their names. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** What the page threw, and what its policy kept from happening. */
  readonly faults: string[] = [];
  #live: WebSocket | undefined;

  constructor(context: BrowserContext, page: Page, url: string, username: string, password: string) {
    this.context = context;
    this.page = page;
    this.url = url;
    this.username = username;
    this.password = password;
    plant("password", password);
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("console", (message) => {
      if (/Content Security Policy|Trusted/.test(message.text())) this.faults.push(message.text());
    });
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => {
        if (payload === '{"type":"ready"}') this.#live = socket;
      });
      socket.on("close", () => {
        if (this.#live === socket) this.#live = undefined;
      });
    });
    page.on("framenavigated", (frame) => {
      if (frame === page.mainFrame()) this.#live = undefined;
    });
  }

  /** The server knows the page's WebSocket: what is sent from now on comes over it. */
  get isLive(): boolean {
    return this.#live !== undefined;
  }

  get to(): Locator {
    return this.page.getByRole("textbox", { name: "To", exact: true });
  }

  get box(): Locator {
    return this.page.getByRole("textbox", { name: "Message", exact: true });
  }

  get log(): Locator {
    return this.page.getByRole("log", { name: "Messages" });
  }

  get status(): Locator {
    return this.page.getByRole("status");
  }

  get conversations(): Locator {
    return this.page.getByRole("list", { name: "Conversations" });
  }

  /** Accepts the request on the screen. */
  async accept(): Promise<void> {
    await this.button("Accept").click();
    await this.button("Accept").waitFor({ state: "detached" });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** The message with this text. */
  message(text: string | RegExp): Locator {
    // By its text alone: the time comes right behind it, and at nine "message 3" would be a "message 39".
    return this.log.getByRole("article").filter({ has: this.page.locator(".text", { hasText: text }) });
  }

  /** What the messages in the log say, from the oldest on. */
  texts(): Promise<string[]> {
    return this.log.locator(".text").allTextContents();
  }

  /**
   * What they say as soon as there are so many: history and outbox load side by side, so some may come before others. A
   * wrong order is seen, also if it does not last.
   */
  async firstTexts(count: number): Promise<string[]> {
    const texts = await this.page.waitForFunction((least) => {
      const lines = [...document.querySelectorAll("[role=log] .text")].map(({ textContent }) => textContent ?? "");
      return lines.length >= least && lines;
    }, count);
    return (await texts.jsonValue()) || [];
  }

  async fillIn(): Promise<void> {
    await this.page.getByRole("textbox", { name: "Username" }).fill(this.username);
    await this.page.getByRole("textbox", { name: "Password" }).fill(this.password);
  }

  async register(): Promise<void> {
    await this.page.goto(this.url);
    await this.fillIn();
    await this.enter("Register");
  }

  async logIn(): Promise<void> {
    await this.fillIn();
    await this.enter("Log in");
  }

  /** Presses a button of the login: the page asks for 5 seconds, and then leaves it to the user to ask again. */
  async enter(button: "Register" | "Log in"): Promise<void> {
    const failed = this.#failed("main.login");
    await eventually(async () => {
      await this.button(button).click();
      await failed.or(this.status).first().waitFor();
      expect(await failed.count()).toBe(0);
    });
    await this.connected();
  }

  /** What a part of the page says when the server has not answered for too long. */
  #failed(part: string): Locator {
    const alerts = this.page.locator(part).getByRole("alert");
    return alerts.filter({ hasText: /The server (is busy|has a problem|cannot be reached)\./ });
  }

  async connected(): Promise<void> {
    await this.status.filter({ hasText: "Connected" }).waitFor();
  }

  /** Waits until {@link isLive}. */
  async live(): Promise<void> {
    await eventually(() => expect(this.isLive).toBe(true));
  }

  /** Opens the conversation with somebody, new or not. */
  async talkTo(username: string): Promise<void> {
    const heading = this.page.getByRole("heading", { name: username, exact: true });
    const failed = this.#failed("form.start");
    await this.to.fill(username);
    await eventually(async () => {
      await this.to.press("Enter");
      await failed.or(heading).first().waitFor();
      expect(await failed.count()).toBe(0);
    });
    await this.log.waitFor();
    await heading.waitFor();
  }

  async send(text: string): Promise<void> {
    plant("content", text);
    await this.box.fill(text);
    await this.box.press("Enter");
  }

  /** Sends, and waits until the server has the message. */
  async sendForSure(text: string): Promise<void> {
    await this.send(text);
    await this.message(text).getByText("Sent", { exact: true }).waitFor();
  }

  /** Another tab of the same browser. */
  async openTab(): Promise<Visitor> {
    const page = await this.context.newPage();
    const tab = new Visitor(this.context, page, this.url, this.username, this.password);
    await page.goto(this.url);
    await tab.status.waitFor();
    return tab;
  }

  /** The same user elsewhere: a client with a session of its own. */
  async elsewhere(): Promise<Client> {
    const client = new Client({ url: this.url, live: false });
    await client.login({ username: this.username, password: this.password });
    return client;
  }

  /** The same user on a device of its own: a client with this name. */
  async device(deviceName: string): Promise<Client> {
    const client = new Client({ url: this.url, live: false });
    await client.login({ username: this.username, password: this.password, deviceName });
    return client;
  }

  /** A client with the session of this browser. */
  async withSameSession(): Promise<Client> {
    const session = await this.page.evaluate(() => localStorage.getItem("gotalk.session.2") ?? "null");
    return new Client({ url: this.url, session: JSON.parse(session), live: false });
  }
}

/** What makes one test's browser special. */
export interface VisitOptions extends BrowserContextOptions {
  /** Calls before the page is opened. */
  readonly before?: (context: BrowserContext) => Promise<unknown>;
  /** Where the page is, if it is not where the stack serves it. */
  readonly url?: string;
  /** A user who exists, in another browser. */
  readonly as?: { readonly username: string; readonly password: string };
}

/** A context and a page, not yet opened, for a user who does not exist yet unless `as` says so. Blocks service workers unless told not to. */
export async function newVisitor(
  browser: Browser,
  url: string,
  name: string,
  options: VisitOptions = {},
): Promise<Visitor> {
  const { before, url: own, as: known, ...rest } = options;
  const context = await browser.newContext({ serviceWorkers: "block", ...rest });
  context.setDefaultTimeout(LIMIT_MS);
  await before?.(context);
  const page = await context.newPage();
  const { username, password } = known ?? {
    username: `${name}-${randomUUID().slice(0, 8)}`,
    password: `password-${randomUUID()}`,
  };
  return new Visitor(context, page, own ?? url, username, password);
}
