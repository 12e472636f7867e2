import { MessageIds } from "../../../lib/client/index.ts";
import type { Tabs } from "./tabs.ts";

/** Milliseconds. A tab that was frozen hears of an older answer, which says nothing about the present any more. */
const FRESH = 15_000;

/** By so many milliseconds the clock of this machine may be off before the other tabs need to know. */
const TOLERANCE = 30_000;

/** Makes ids by the server's time. Only the leading tab asks the server, so it tells the others where this machine's clock is wrong. */
export class SharedIds extends MessageIds {
  readonly #tabs: Tabs;
  #wasWrong = false;

  constructor(tabs: Tabs) {
    super();
    this.#tabs = tabs;
    tabs.listen((event) => {
      if (event.type === "clock" && Date.now() - event.askedAt < FRESH) super.observe(event.date, event.askedAt);
    });
  }

  override observe(date: string | null, askedAt: number): void {
    super.observe(date, askedAt);
    if (date === null) return;
    const isWrong = Math.abs(Date.parse(date) - Date.now()) > TOLERANCE;
    // Also once after it was set right.
    if (isWrong || this.#wasWrong) this.#tabs.post({ type: "clock", date, askedAt });
    this.#wasWrong = isWrong;
  }
}
