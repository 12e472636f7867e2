import type { Memories } from "../channel/memories.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Clock } from "../runtime/clock.ts";
import { eachOf } from "../runtime/each-of.ts";
import { positionOf } from "../runtime/ids.ts";
import { log } from "../runtime/log.ts";
import type { Count } from "../runtime/metrics.ts";
import { PrivateAddress } from "./endpoints.ts";
import { contentOf, conversationOf, isMentioned, mutedName, topicOf } from "./push-content.ts";
import type { PushEvent, PushTarget } from "./push-event.ts";
import type { Outcome, PushService } from "./push-service.ts";
import type { Schedules } from "./schedules.ts";
import type { Subscriptions } from "./subscriptions.ts";

interface Parts {
  readonly subscriptions: Subscriptions;
  readonly memories: Pick<Memories, "readAhead">;
  readonly service: Pick<PushService, "send">;
  /** Without it what fails is not tried again. */
  readonly schedules: Pick<Schedules, "add"> | undefined;
  readonly count: Count;
  readonly now: Clock;
}

/** `none`: there is nothing to push. */
type Result = Outcome | { readonly kind: "none" };

/** A device whose push was put off, for so many milliseconds. */
interface PutOff {
  readonly target: PushTarget;
  readonly wait: number;
}

/**
 * Does what `send` has handed over: each device that still has a subscription, has not got the message yet, and has not muted its
 * conversation is told by its push service. One read unit for each device, and half a one for the head of its channel.
 */
export class PushDelivery {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Never fails for what is wrong with some of the devices. Lambda may have kept the event for hours, and may run it twice. What a push
   * service puts off is tried again later, up to `LIMITS.push.retryFor` after the message.
   *
   * @param functionArn Of the function that this runs in: what is put off comes there.
   */
  async deliver({ push }: PushEvent, functionArn: string): Promise<void> {
    const { memories, count, now } = this.#parts;
    if (now() > push.message.sentAt + LIMITS.push.retryFor) return count("PushFailures", push.targets.length);
    const known = memories.readAhead([...new Set(push.targets.map(({ channel }) => channel))]);
    const isFetched = async ({ channel }: PushTarget): Promise<boolean> => {
      const { messageId, senderId, sentAt } = push.message;
      const memory = await known
        .memoryOf(channel, { position: positionOf(messageId, senderId), sentAt })
        .catch(() => undefined);
      return memory === "handedOut";
    };
    const putOff = await eachOf(push.targets, LIMITS.push.atOnce, async (target) => {
      const result = await this.#push(push, target, isFetched).catch((error: unknown): Result => this.#failed(error));
      if (result.kind === "sent") count("PushSuccesses");
      if (result.kind === "refused") {
        count("PushFailures");
        log("warn", "a push service refused a push", { status: result.status });
      }
      return result.kind === "later" ? { target, wait: waitOf(push.tries, result.after) } : undefined;
    });
    await this.#putOff(
      push,
      putOff.filter((one) => one !== undefined),
      functionArn,
    );
  }

  async #push(
    { message }: PushEvent["push"],
    target: PushTarget,
    isFetched: (target: PushTarget) => Promise<boolean>,
  ): Promise<Result> {
    const { subscriptions, service } = this.#parts;
    const subscription = await subscriptions.find(target);
    if (subscription === undefined) {
      await subscriptions.unmark(target);
      return { kind: "none" };
    }
    const conversation = conversationOf(message);
    const isMention = isMentioned(message, subscription.username);
    const isMuted = subscription.muted.includes(mutedName(conversation)) && !isMention;
    if (isMuted || (await isFetched(target))) return { kind: "none" };
    const outcome = await service.send(subscription, {
      content: contentOf(message, subscription.showText, isMention),
      topic: topicOf(conversation),
      urgency: message.toId === undefined ? "high" : "normal",
    });
    if (outcome.kind === "gone") await subscriptions.removeGone(target, subscription);
    return outcome;
  }

  /** An endpoint that the server does not call is refused for good. All else may pass. */
  #failed(error: unknown): Result {
    log("warn", "could not push", {}, error);
    return error instanceof PrivateAddress ? { kind: "refused", status: 0 } : { kind: "later" };
  }

  /** Those that wait equally long are one schedule. */
  async #putOff({ message, tries }: PushEvent["push"], all: readonly PutOff[], functionArn: string): Promise<void> {
    const { schedules, count } = this.#parts;
    const now = this.#parts.now();
    const latest = message.sentAt + LIMITS.push.retryFor;
    for (const [wait, some] of Map.groupBy(all, (one) => one.wait)) {
      const at = now + wait;
      const targets = some.map(({ target }) => target);
      try {
        if (schedules === undefined || at > latest) throw new Error("it is not tried again");
        await schedules.add({ push: { message, targets, tries: tries + 1 } }, at, functionArn);
      } catch (error) {
        count("PushFailures", targets.length);
        log("warn", "pushes were given up", { devices: targets.length }, error);
      }
    }
  }
}

/**
 * A push service may ask for a longer wait, not for a shorter one: a user's own endpoint could otherwise have itself called without a
 * pause, and a schedule must not lie in the past. As the wait doubles, `LIMITS.push.retryFor` bounds the number of tries.
 *
 * @param tries How often it was put off before.
 */
const waitOf = (tries: number, after = 0): number => Math.max(LIMITS.push.retryAfter * 2 ** tries, after);
