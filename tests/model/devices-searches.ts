import { type Search, searchOf } from "./search.ts";

const search = searchOf("devices.pml");

/** Two devices, and a third one for the client that comes at the end; one send, which is tried once. */
const TWO = "DEVICES=3 TRIES=1 LOST=0 HELPERS=1";
/** Three devices, and a fourth one for the client that comes at the end. */
const THREE = "DEVICES=4 TRIES=1 LOST=0 HELPERS=1";
/** Three devices that are there already, and a message that waits on the oldest. */
const EARLIER = `${THREE} EARLIER`;

/** A shared device is removed while a personal one becomes the next one. */
const SHARED_TWICE = "WITH_OWN_REMOVALS REMOVALS=3 LOGINS=2";

/** The rules as they are, within bounds that take less than a minute of one processor together. */
export const SMALL: readonly Search[] = [
  search("two devices, a removal, and channels that are full", `${TWO} FULL=1`),
  search("two devices, and syncs whose session ends", `${TWO} REMOVALS=0 WITH_SYNCS`),
  search("two devices, and sends that are repeated", "DEVICES=3 LOST=0 HELPERS=1 REMOVALS=0"),
  search("two devices, and own copies", `${TWO} WITH_OWN_COPIES`),
  search("two devices, and logins whose answers are lost", "DEVICES=3 TRIES=1 HELPERS=1 REMOVALS=0"),
  search("three devices that leave", `${EARLIER} REMOVALS=2`),
  search("three devices, one of which leaves, and syncs whose session ends", `${EARLIER} WITH_SYNCS`),
  search("three devices, one of which is shared and becomes personal", `${EARLIER} REMOVALS=2 WITH_PERSONAL`),
  search("three devices, one of which is shared and gives way to the next one", `${EARLIER} ${SHARED_TWICE}`),
];

/** The same within larger bounds. Each may take minutes, and gigabytes. The last two are not searched to the end. */
export const FULL: readonly Search[] = [
  search("three devices", THREE),
  search("three devices that leave while a message comes", `${EARLIER} MESSAGES=2 REMOVALS=2 WITH_PERSONAL`),
  search("two devices, of which a shared one becomes personal, and full channels", `${TWO} FULL=1 WITH_PERSONAL`),
  search("two devices, a removal, and syncs whose session ends", `${TWO} WITH_SYNCS`),
  search("two devices, each of which may log in twice", `${TWO} LOGINS=2 REMOVALS=0`),
  search("two devices, one of which is not seen for a month", `${TWO} DAYS=1`),
  search("two devices that several functions finish", "DEVICES=3 TRIES=1 LOST=0"),
  search("two devices, a removal, and logins whose answers are lost", "DEVICES=3 TRIES=1 HELPERS=1"),
  // More than any machine at hand searches to the end. Four minutes of each take up to 6 GB.
  {
    ...search(
      "two devices, of which a shared one becomes personal, and that log in twice",
      `${TWO} LOGINS=2 WITH_PERSONAL`,
    ),
    minutes: 4,
  },
  { ...search("three clients", `${THREE} CLIENTS=3 REMOVALS=0`), minutes: 4 },
];

const broken = (rule: string, settings: string, fails: string): Search =>
  search(rule, `BREAK_${rule} ${settings}`, fails);

/** Each rule of devices broken, within bounds that are large enough to show what it is good for. */
export const BROKEN: readonly Search[] = [
  broken("CLOSED_AND_EMPTIED", TWO, "kept"),
  broken("NO_MINUTE", TWO, "kept"),
  broken("HANDED_ONCE", TWO, "kept"),
  broken("ENDING_IS_SKIPPED", TWO, "kept"),
  broken("SHARED_COUNTS", THREE, "kept"),
  broken("TWO_LEAVE_AT_ONCE", EARLIER, "kept"),
  broken("ANSWER_BEFORE_ALL", TWO, "kept"),
  broken("STALE_READ", `${TWO} REMOVALS=0`, "reached"),
  broken("LOGIN_CANNOT_BE_REPEATED", "DEVICES=3 TRIES=1 HELPERS=1", "kept"),
  broken("OLD_ID_STAYS", `${TWO} LOGINS=2`, "alone"),
  broken("NO_SECOND_LOOK", TWO, "sound"),
  broken("SESSIONS_END_LATER", TWO, "alone"),
  broken("OTHERS_STAY", `${TWO} WITH_PERSONAL`, "alone"),
  broken("MISSED_COUNTS", `${TWO} FULL=1`, "kept"),
  broken("CUT_ALWAYS", `${TWO} FULL=1`, "kept"),
  broken("UNSEEN_ARE_SKIPPED", `${TWO} DAYS=1`, "kept"),
  broken("SKIPS_WITHOUT_LOOK", `${TWO} FULL=1`, "kept"),
  broken("SHARED_HAS_EVERYTHING", `${EARLIER} WITH_PERSONAL REMOVALS=2`, "kept"),
  broken("NEXT_SHARED_IS_NEW", `${EARLIER} ${SHARED_TWICE}`, "kept"),
  broken("NO_FENCE", `${EARLIER} WITH_SYNCS`, "once"),
  broken("OUT_IS_DELIVERED", `${EARLIER} WITH_SYNCS`, "kept"),
];
