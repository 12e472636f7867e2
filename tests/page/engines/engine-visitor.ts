import { randomUUID } from "node:crypto";
import { expect, vi } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { Window } from "./engine.ts";

/** Finds what can be seen by its name: its label, or what is written on it. Runs in the page. */
function find(selector: string, name: string): HTMLElement {
  const nameOf = (element: HTMLElement): string => {
    const labels = Reflect.get(element, "labels") as NodeListOf<HTMLElement> | null | undefined;
    return (element.ariaLabel ?? labels?.[0]?.innerText ?? element.innerText).trim();
  };
  const all = [...document.querySelectorAll<HTMLElement>(selector)];
  const found = all.find((element) => element.checkVisibility() && nameOf(element) === name);
  if (found === undefined) throw new Error(`There is no ${selector} with the name “${name}”.`);
  return found;
}

/** What is seen of the page, as text. */
const read = (): string => document.body.innerText;

/** Whether the conversation whose line says so is open. Runs in the page. */
const isOpen = (part: string): boolean =>
  [...document.querySelectorAll(".conversations [aria-current=true]")].some((line) => line.textContent?.includes(part));

/** A user of the page in a window of any engine, as `Visitor` is one in Chromium. */
export class EngineVisitor {
  readonly window: Window;
  readonly url: string;
  readonly username: string;
  readonly password: string;

  /** @param as A user who exists, in another browser. Default: one who does not exist yet. */
  constructor(window: Window, url: string, name: string, as?: Pick<EngineVisitor, "username" | "password">) {
    this.window = window;
    this.url = url;
    this.username = as?.username ?? `${name}-${randomUUID().slice(0, 8)}`;
    this.password = as?.password ?? `password-${randomUUID()}`;
  }

  async register(): Promise<void> {
    await this.window.open(this.url);
    await this.fillIn("Register");
  }

  async logIn(): Promise<void> {
    await this.fillIn("Log in");
  }

  async fillIn(button: "Register" | "Log in"): Promise<void> {
    await this.write("Username", this.username);
    await this.write("Password", this.password);
    const failed = /The server (is busy|has a problem|cannot be reached)\./;
    const text = () => this.window.run(read);
    // The page asks for 5 seconds, and then leaves it to the user to ask again.
    await eventually(async () => {
      await this.click(button);
      await vi.waitFor(async () => expect(await text()).toMatch(/Connected|The server /), 20_000);
      expect(await text()).not.toMatch(failed);
    });
    await this.sees("Connected");
  }

  /** Puts a text into a field, at its end. */
  async write(label: string, text: string): Promise<void> {
    await this.#when(() => this.window.click(find, "input, textarea", label));
    await this.window.type(text);
  }

  async click(button: string): Promise<void> {
    await this.#when(() => this.window.click(find, "button", button));
  }

  /** Opens a conversation of the list by what its line says. The line may move when a click is on its way: it is clicked again. */
  async openConversation(text: string): Promise<void> {
    const line = (part: string) =>
      [...document.querySelectorAll(".conversations button")].find((one) => one.textContent?.includes(part)) ??
      document.body;
    await this.sees(text);
    await eventually(async () => {
      await this.window.click(line, text);
      expect(await this.window.run(isOpen, text)).toBe(true);
    });
  }

  async talkTo(username: string): Promise<void> {
    await this.write("To", username);
    await this.window.press("Enter");
    await this.sees("Say hello.");
  }

  async send(text: string): Promise<void> {
    await this.write("Message", text);
    await this.window.press("Enter");
  }

  /** The messages of the log, from the oldest on. */
  messages(): Promise<readonly string[]> {
    return this.window.run(() =>
      [...document.querySelectorAll("[role=log] .text")].map((text) => text.textContent ?? ""),
    );
  }

  draft(): Promise<string> {
    return this.window.run(() => document.querySelector("textarea")?.value ?? "");
  }

  async sees(text: string): Promise<void> {
    await eventually(async () => expect(await this.window.run(read)).toContain(text));
  }

  /** Opens the menu of the account. */
  async openMenu(): Promise<void> {
    await this.#untilOpen(() => this.window.click(() => document.querySelector(".account") ?? document.body));
    await this.sees("Your id");
  }

  /** Chooses an entry of the menu of the open conversation. */
  async chooseInMenu(entry: string): Promise<void> {
    await this.#untilOpen(() => this.window.click(find, "button", "Conversation menu"));
    await this.click(entry);
  }

  /** A driver's click goes to a place, and what was there may just have moved: it is clicked again, as a person would. */
  async #untilOpen(click: () => Promise<void>): Promise<void> {
    const isOpen = () => this.window.run(() => document.querySelector(":popover-open") !== null);
    await eventually(async () => {
      if (!(await isOpen())) await click();
      expect(await isOpen()).toBe(true);
    });
  }

  /** What is to be clicked may come a moment later. */
  async #when(work: () => Promise<void>): Promise<void> {
    await eventually(work);
  }
}
