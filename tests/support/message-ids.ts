import { v7 } from "uuid";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A message's id with the time `from` milliseconds from now. */
export const messageIdAt = (from: number): string => v7({ msecs: Date.now() + from });

/** Ids around the server's bounds, by the time in them. No test takes as long as what lies between them and the bound. */
export const AROUND_THE_BOUNDS = {
  taken: { "31 days old, but for a minute": MINUTE - 31 * DAY, "9 minutes ahead": 9 * MINUTE },
  refused: { "31 days and a second old": -1_000 - 31 * DAY, "15 minutes ahead": 15 * MINUTE },
} as const;
