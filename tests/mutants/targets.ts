/** A source file whose code is changed. */
export interface Target {
  /** The part of its mutants, in percent, that the tests have to find. */
  readonly threshold: number;
  /**
   * The tests that have to find them. Only such as call the code in their own process: a mutant is switched on by a global
   * variable there.
   */
  readonly tests: readonly string[];
}

/** Of the delivery protocol. What survives there may be a lost message. */
const PROTOCOL = 95;
const OTHERS = 85;
/** Of a user's devices. What survives there may be a device that misses a message. */
const DEVICES = 90;

const target = (threshold: number, ...tests: string[]): Target => ({
  threshold,
  tests: tests.map((test) => `tests/${test}.test.ts`),
});

export const targets: Readonly<Record<string, Target>> = {
  "lib/channel/delivery.ts": target(
    PROTOCOL,
    "lib/channel/delivery",
    "lib/channel/delivery-rules",
    "lib/channel/delivery-faults",
    "lib/channel/delivery-deadline",
    "lib/channel/delivery-counts",
  ),
  "lib/channel/decision.ts": target(
    PROTOCOL,
    "lib/channel/decision",
    "lib/channel/delivery",
    "lib/channel/delivery-rules",
    "lib/channel/delivery-faults",
    "lib/channel/delivery-counts",
  ),
  "lib/channel/open-writes.ts": target(PROTOCOL, "lib/channel/delivery-faults", "lib/channel/delivery-rules"),
  "lib/channel/sending.ts": target(
    PROTOCOL,
    "lib/channel/delivery",
    "lib/channel/delivery-rules",
    "lib/channel/delivery-faults",
    "lib/channel/delivery-counts",
  ),
  "lib/channel/head.ts": target(OTHERS, "lib/channel/head"),
  "lib/channel/ring.ts": target(OTHERS, "lib/channel/ring"),
  "lib/channel/spans.ts": target(OTHERS, "lib/channel/spans"),
  "lib/channel/channel-view.ts": target(OTHERS, "lib/channel/channel-view"),
  "lib/channel/channel-store.ts": target(OTHERS, "lib/channel/channel-store"),
  "lib/channel/message-store.ts": target(OTHERS, "lib/channel/channel-store"),
  // Short, and a quarter of its mutants is about attributes that the compiler does not know to be there.
  "lib/channel/stored-message.ts": target(75, "lib/channel/channel-store"),
  "lib/runtime/ids.ts": target(OTHERS, "lib/runtime/ids"),

  "lib/devices/device-map.ts": target(
    DEVICES,
    "lib/devices/device-map",
    "lib/devices/login-decision",
    "lib/devices/leave-decision",
    "lib/devices/personal-decision",
    "lib/devices/device-store",
  ),
  "lib/devices/targets.ts": target(DEVICES, "lib/devices/targets"),
  "lib/devices/expiry-decision.ts": target(DEVICES, "lib/devices/seen"),
  "lib/devices/seen-decision.ts": target(DEVICES, "lib/devices/seen"),
  "lib/devices/login-decision.ts": target(DEVICES, "lib/devices/login-decision"),
  "lib/devices/personal-decision.ts": target(DEVICES, "lib/devices/personal-decision"),
  "lib/devices/leave-decision.ts": target(DEVICES, "lib/devices/leave-decision"),
  "lib/devices/device-store.ts": target(DEVICES, "lib/devices/device-store"),
  "lib/devices/hand-over.ts": target(DEVICES, "lib/devices/hand-over"),
  "lib/devices/waiting-copy.ts": target(DEVICES, "lib/devices/hand-over"),
  "lib/devices/presence.ts": target(DEVICES, "lib/devices/presence"),
  "lib/devices/second-look.ts": target(DEVICES, "lib/devices/second-look"),
  "lib/devices/fan-out.ts": target(DEVICES, "lib/devices/fan-out"),
  "lib/devices/parties.ts": target(DEVICES, "lib/devices/parties"),
  "lib/devices/send-wakes.ts": target(DEVICES, "functions/devices", "live/previews", "live/send"),
  "lib/devices/device-names.ts": target(DEVICES, "lib/accounts/device-logins", "lib/accounts/device-removal"),
  "lib/accounts/device-list.ts": target(DEVICES, "lib/accounts/device-logins", "functions/contract"),
  "lib/accounts/device-endings.ts": target(DEVICES, "lib/accounts/device-removal"),
  "lib/accounts/device-logins.ts": target(DEVICES, "lib/accounts/device-logins"),
  "lib/accounts/device-removal.ts": target(DEVICES, "lib/accounts/device-removal"),
  "lib/channel/missed.ts": target(DEVICES, "lib/channel/missed"),
  "lib/channel/notice.ts": target(DEVICES, "lib/channel/notice"),
  "lib/runtime/each-of.ts": target(DEVICES, "lib/runtime/each-of"),
  "lib/handlers/device-routes.ts": target(DEVICES, "functions/contract"),
  "lib/client/chain-on.ts": target(DEVICES, "lib/client/client-devices"),
  "lib/client/devices.ts": target(DEVICES, "lib/client/client-devices"),
  "lib/client/login-ids.ts": target(DEVICES, "lib/client/client-devices"),
  "lib/client/login.ts": target(DEVICES, "lib/client/client", "lib/client/client-devices", "lib/client/client-answers"),
  "lib/client/previews.ts": target(DEVICES, "live/preview-rules", "live/client-previews"),
  "lib/client/inbox.ts": target(
    DEVICES,
    "lib/client/client-inbox",
    "lib/client/client-timing",
    "lib/client/client-devices",
    "lib/client/client-exactness",
    "live/client",
    "live/client-previews",
  ),
  "lib/client/wake-socket.ts": target(DEVICES, "live/client", "live/client-frames", "live/client-previews"),
  "lib/client/pace.ts": target(DEVICES, "lib/client/pace", "live/client-previews"),
  "lib/live/live-frames.ts": target(DEVICES, "live/previews", "live/send"),
  "lib/live/wakes.ts": target(DEVICES, "live/wakes", "live/gateway"),
  "cli/device-text.ts": target(DEVICES, "cli/device-text"),

  "lib/tokens/tokens.ts": target(OTHERS, "lib/tokens/tokens"),
  "lib/tokens/key-ring.ts": target(OTHERS, "lib/tokens/key-ring"),
  "lib/tokens/stored-key-ring.ts": target(OTHERS, "lib/tokens/stored-key-ring"),
  "lib/accounts/sessions.ts": target(OTHERS, "lib/accounts/sessions", "lib/accounts/sessions-list"),
  "lib/tokens/session-check.ts": target(OTHERS, "lib/accounts/sessions", "lib/accounts/sessions-list"),
  "lib/tokens/caller.ts": target(OTHERS, "lib/tokens/caller"),
  "lib/accounts/accounts.ts": target(
    OTHERS,
    "lib/accounts/accounts",
    "lib/accounts/accounts-password",
    "lib/accounts/accounts-lockout",
  ),
  "lib/accounts/users.ts": target(OTHERS, "lib/accounts/users", "lib/accounts/users-backlog"),
  "lib/accounts/login-throttle.ts": target(OTHERS, "lib/accounts/login-throttle"),
  "lib/accounts/login-origin.ts": target(OTHERS, "lib/accounts/login-origin"),
  "lib/accounts/passwords.ts": target(OTHERS, "lib/accounts/passwords"),
  "lib/http/http.ts": target(OTHERS, "lib/http/http", "lib/http/http-events"),
  "lib/http/body.ts": target(OTHERS, "lib/http/body"),
  "lib/http/schemas.ts": target(OTHERS, "lib/http/schemas", "lib/http/schemas-rules"),
  "lib/contract/visible.ts": target(OTHERS, "lib/contract/visible"),
  "lib/runtime/errors.ts": target(OTHERS, "lib/runtime/errors"),
  "lib/rates/user-limit.ts": target(OTHERS, "lib/rates/user-limit"),
  "lib/rates/rate.ts": target(OTHERS, "lib/rates/rate"),
  "lib/runtime/recent-map.ts": target(OTHERS, "lib/rates/rate"),
  "lib/rates/address-limit.ts": target(OTHERS, "lib/rates/address-limit"),
  "lib/channel/answer-bytes.ts": target(OTHERS, "lib/channel/answer-bytes"),
  "lib/channel/channel-bound.ts": target(OTHERS, "lib/channel/channel-bound"),
};
