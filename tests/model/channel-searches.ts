import { type Search, searchOf } from "./search.ts";

const search = searchOf("channel.pml");

/** One sync after the other of the one function, and one of the other. */
const SHORT = "SYNCS_0=2 SYNCS_1=1";
/** A page that a single dead message fills. */
const SMALL_PAGE = "PAGE=1 LIMIT=1";
const OLD_HEAD = "WITH_FUTURE WITH_OLD_HEAD";

/** The protocol as it is, within bounds that take two minutes of one processor together. */
export const SMALL: readonly Search[] = [
  search("no faults", "FAULTS=0 SYNCS_0=2 SYNCS_1=2"),
  search("one fault", `FAULTS=1 ${SHORT}`),
  search("one fault, a page that one message fills", `FAULTS=1 ${SHORT} ${SMALL_PAGE}`),
  search("two faults, three rounds", "FAULTS=2 SYNCS_0=1 SYNCS_1=1 ROUNDS=3 RESENDS=0"),
  search("a message of the far future, whose time comes", `FAULTS=0 ${SHORT} WITH_FUTURE`),
  search("one that an older version has forgotten", `FAULTS=0 ${SHORT} ${OLD_HEAD}`),
  search("sessions that end", "FAULTS=1 RESENDS=0 SYNCS_0=1 SYNCS_1=1 WITH_ENDED_SESSIONS"),
];

/** The same within larger bounds. Each may take minutes, and gigabytes. */
export const FULL: readonly Search[] = [
  search("three messages, no faults", "MESSAGES=3 FAULTS=0 SYNCS_0=2 SYNCS_1=2"),
  search("two messages, one fault", "MESSAGES=2 FAULTS=1 SYNCS_0=2 SYNCS_1=2"),
  search("three messages, one fault", `MESSAGES=3 FAULTS=1 ${SHORT}`),
  search("two faults, three rounds", "FAULTS=2 SYNCS_0=2 SYNCS_1=1 ROUNDS=3 RESENDS=0"),
  search(
    "two retried sends, a page that one message fills",
    `MESSAGES=3 RESENDS=2 FAULTS=1 SYNCS_0=1 SYNCS_1=1 ${SMALL_PAGE}`,
  ),
  search("three messages, one of the far future", `MESSAGES=3 FAULTS=0 ${SHORT} WITH_FUTURE`),
];

const broken = (rule: string, settings: string, fails: string): Search =>
  search(rule, `BREAK_${rule} ${settings}`, fails);

/** Each rule of the protocol broken, within bounds that are large enough to show what it is good for. */
export const BROKEN: readonly Search[] = [
  broken("CONFIRM_BY_RANGE", "FAULTS=0 LIMIT=1", "kept"),
  broken("AGAIN_FROM_PAGE", `FAULTS=0 ${SMALL_PAGE}`, "once"),
  broken("REISSUE_MIXED", "FAULTS=0", "once"),
  broken("NO_CONDITION", "FAULTS=0", "once"),
  broken("NO_RING", "FAULTS=0", "once"),
  broken("NO_HORIZON", "FAULTS=0", "once"),
  broken("DELETE_FIRST", `FAULTS=1 ${SHORT}`, "kept"),
  broken("NO_LINEAGE", `FAULTS=1 ${SHORT}`, "told"),
  broken("LINEAGE_OF_ONE", "FAULTS=1 RESENDS=0 SYNCS_0=1 SYNCS_1=2", "told"),
  broken("FORGOTTEN_IS_FAILED", "FAULTS=1 RESENDS=0 SYNCS_0=1 SYNCS_1=2", "told"),
  broken("PREVIOUS_CONFIRMS", `FAULTS=1 ${SHORT}`, "kept"),
  broken("REPLAY_UNFLAGGED", `FAULTS=1 ${SHORT}`, "once"),
  broken("WAITS_WHILE_OPEN", `FAULTS=1 ${SHORT}`, "told"),
  broken("NOTHING_WHILE_OPEN", `FAULTS=1 ${SHORT} ${SMALL_PAGE}`, "told"),
  broken("REFUSES_WHILE_OPEN", "FAULTS=1 RESENDS=0 SYNCS_0=1 SYNCS_1=1 WITH_ENDED_SESSIONS", "told"),
  broken("FUTURE_RAISES_HORIZON", "FAULTS=0 WITH_FUTURE MESSAGES=3 RESENDS=0 SYNCS_0=4 SYNCS_1=0 TURNS=0", "reason"),
  broken("FUTURE_UNFLAGGED", `FAULTS=0 ${SHORT} ${OLD_HEAD}`, "once"),
  broken("FUTURE_FORGOTTEN", "FAULTS=0 WITH_FUTURE MESSAGES=3 SYNCS_0=4 SYNCS_1=0", "once"),
  broken("HORIZON_TAKEN_BACK", "FAULTS=0 WITH_FUTURE MESSAGES=3 SYNCS_0=4 SYNCS_1=0 TURNS=3", "once"),
];
