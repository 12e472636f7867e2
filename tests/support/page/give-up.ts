import type { BrowserContext } from "playwright-core";
import type { VisitOptions, Visitor } from "./visitor.ts";

/** Longer than any call of the page is repeated. */
const PAST_MS = 60_000;

/** A page whose calls {@link giveUp} can end. */
export const impatient: VisitOptions = { before: (context: BrowserContext) => context.clock.install() };

/** Lets the time go by for which the page repeats a call that fails. The call has to have begun. */
export const giveUp = ({ page }: Visitor): Promise<void> => page.clock.fastForward(PAST_MS);
