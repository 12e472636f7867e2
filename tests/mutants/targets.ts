/** A source file whose code is changed. */
export interface Target {
  /** The part of its mutants, in percent, that the tests have to find. */
  readonly threshold: number;
  /**
   * The tests that have to find them. Only such as call the code in their own process: a mutant is switched on by a global
   * variable there.
   */
  readonly tests: readonly string[];
  /** Whether each test file needs a process of its own: one replaces a module that another needs as it is. */
  readonly isApart?: boolean;
}

/** Of the delivery protocol. What survives there may be a lost message. */
const PROTOCOL = 95;
const OTHERS = 85;

const target = (threshold: number, ...tests: string[]): Target => ({
  threshold,
  tests: tests.map((test) => `tests/${test}.test.ts`),
});

export const targets: Readonly<Record<string, Target>> = {
  "lib/delivery.ts": target(
    PROTOCOL,
    "lib/delivery",
    "lib/delivery-rules",
    "lib/delivery-faults",
    "lib/delivery-deadline",
    "lib/delivery-counts",
  ),
  "lib/sending.ts": target(
    PROTOCOL,
    "lib/delivery",
    "lib/delivery-rules",
    "lib/delivery-faults",
    "lib/delivery-counts",
  ),
  "lib/head.ts": target(OTHERS, "lib/head"),
  "lib/ring.ts": target(OTHERS, "lib/ring"),
  "lib/channel-view.ts": target(OTHERS, "lib/channel-view"),
  "lib/channel-store.ts": target(OTHERS, "lib/channel-store"),
  "lib/message-store.ts": target(OTHERS, "lib/channel-store"),
  // Short, and a quarter of its mutants is about attributes that the compiler does not know to be there.
  "lib/stored-message.ts": target(75, "lib/channel-store"),
  "lib/ids.ts": target(OTHERS, "lib/ids"),

  "lib/tokens.ts": target(OTHERS, "lib/tokens"),
  "lib/key-ring.ts": target(OTHERS, "lib/key-ring"),
  "lib/stored-key-ring.ts": target(OTHERS, "lib/stored-key-ring"),
  "lib/sessions.ts": target(OTHERS, "lib/sessions", "lib/sessions-list"),
  "lib/session-check.ts": target(OTHERS, "lib/sessions", "lib/sessions-list"),
  "lib/caller.ts": target(OTHERS, "lib/caller"),
  "lib/accounts.ts": {
    ...target(OTHERS, "lib/accounts", "lib/accounts-password", "lib/accounts-lockout"),
    isApart: true,
  },
  "lib/users.ts": target(OTHERS, "lib/users", "lib/users-backlog"),
  "lib/login-throttle.ts": target(OTHERS, "lib/login-throttle"),
  "lib/login-origin.ts": target(OTHERS, "lib/login-origin"),
  "lib/passwords.ts": target(OTHERS, "lib/passwords"),
  "lib/http.ts": target(OTHERS, "lib/http", "lib/http-events"),
  "lib/body.ts": target(OTHERS, "lib/body"),
  "lib/schemas.ts": target(OTHERS, "lib/schemas", "lib/schemas-rules"),
  "lib/visible.ts": target(OTHERS, "lib/visible"),
  "lib/errors.ts": target(OTHERS, "lib/errors"),
  "lib/user-limit.ts": target(OTHERS, "lib/user-limit"),
  "lib/rate.ts": target(OTHERS, "lib/rate"),
  "lib/recent-map.ts": target(OTHERS, "lib/rate"),
  "lib/address-limit.ts": target(OTHERS, "lib/address-limit"),
  "lib/answer-bytes.ts": target(OTHERS, "lib/answer-bytes"),
  "lib/channel-bound.ts": target(OTHERS, "lib/channel-bound"),
};
