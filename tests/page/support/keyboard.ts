import type { Locator } from "playwright-core";
import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { Visitor } from "../../support/page/visitor.ts";

/** The most presses of Tab to a control. */
const MOST_PRESSES = 40;

type Key = "Tab" | "Shift+Tab" | "Enter" | "Space" | "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight" | "Escape";

/** Runs in the page. @returns what is wrong with the focus; an empty text if nothing is */
function faultOfFocus(): string {
  const here = document.activeElement;
  if (here === null || here === document.body || here === document.documentElement) return "Nothing has the focus.";
  const name = here.ariaLabel ?? here.textContent?.slice(0, 40) ?? "";
  const what = `${here.tagName.toLowerCase()} “${name}” has the focus`;
  if (!here.matches(":focus-visible")) return `${what}, and the browser does not mark it.`;
  const { outlineStyle, outlineWidth } = getComputedStyle(here);
  if (outlineStyle === "none" || Number.parseFloat(outlineWidth) < 1) return `${what}, without a ring.`;
  const { top, bottom, left, right } = here.getBoundingClientRect();
  const isSeen = here.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const isOnScreen = right > left && bottom > top && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
  return isSeen && isOnScreen ? "" : `${what}, and it cannot be seen.`;
}

/**
 * A person who has a keyboard and nothing else. Before each key something that can be seen has the focus, with a ring around it.
 */
export class Keyboard {
  readonly visitor: Visitor;

  constructor(visitor: Visitor) {
    this.visitor = visitor;
  }

  /** Waits until something has the focus, and shows it. What a key has begun may take its time. */
  async isSomewhere(): Promise<void> {
    const fault = await this.visitor.page.evaluate(faultOfFocus);
    if (fault !== "") await eventually(async () => expect(await this.visitor.page.evaluate(faultOfFocus)).toBe(""));
  }

  /** Presses keys one after the other. */
  async press(...keys: readonly Key[]): Promise<void> {
    for (const key of keys) {
      await this.isSomewhere();
      await this.visitor.page.keyboard.press(key);
    }
  }

  /** Writes into the field that has the focus: the keys of the text are pressed one by one. */
  async type(text: string): Promise<void> {
    await this.isSomewhere();
    await this.visitor.page.keyboard.type(text);
  }

  /** Waits until a control has the focus without a key. */
  async isAt(control: Locator): Promise<void> {
    await control.and(this.visitor.page.locator(":focus")).waitFor();
    await this.isSomewhere();
  }

  /** Presses Tab until the only control of this description has the focus. */
  tabTo(control: Locator): Promise<void> {
    return this.#pressUntil(control, "Tab");
  }

  /** Presses Shift+Tab until it has the focus. */
  tabBackTo(control: Locator): Promise<void> {
    return this.#pressUntil(control, "Shift+Tab");
  }

  /** Goes on to a control, and presses it. */
  async go(control: Locator, key: "Enter" | "Space" = "Enter"): Promise<void> {
    await this.tabTo(control);
    await this.press(key);
  }

  /** Goes back to a control, and presses it. */
  async goBack(control: Locator, key: "Enter" | "Space" = "Enter"): Promise<void> {
    await this.tabBackTo(control);
    await this.press(key);
  }

  /** Writes a message into the box, sends it, and waits until the server has it. */
  async send(text: string): Promise<void> {
    await this.isAt(this.visitor.box);
    await this.type(text);
    await this.press("Enter");
    await this.visitor.message(text).getByText("Sent", { exact: true }).waitFor();
  }

  /** Goes from a control behind the messages to one of them, so many above the last one, and on to one of its actions, and presses it. */
  async act(text: string, action: string, above = 0): Promise<void> {
    const { log } = this.visitor;
    await this.tabBackTo(log);
    await this.press("Enter");
    for (let step = 0; step < above; step++) await this.press("ArrowUp");
    await this.isAt(this.visitor.message(text));
    await this.go(log.getByRole("button", { name: action, exact: true }));
  }

  /** Chooses an entry of the menu of the open conversation, whose button has the focus. */
  async choose(entry: string): Promise<void> {
    const { page } = this.visitor;
    await this.isAt(this.visitor.button("Conversation menu"));
    await this.press("Enter");
    await this.go(page.locator("#conversation-menu").getByRole("button", { name: entry, exact: true }));
  }

  async #pressUntil(control: Locator, key: "Tab" | "Shift+Tab"): Promise<void> {
    await control.waitFor();
    for (let presses = 0; presses <= MOST_PRESSES; presses++) {
      await this.isSomewhere();
      if (await control.evaluate((element) => element === document.activeElement)) return;
      await this.visitor.page.keyboard.press(key);
    }
    throw new Error(`${MOST_PRESSES} presses of ${key} do not reach ${control}.`);
  }
}
