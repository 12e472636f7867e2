import { LIMITS } from "../contract/limits.ts";
import type { Sign } from "../database/aws-calls.ts";
import { newOpaqueId } from "../runtime/ids.ts";
import type { PushEvent } from "./push-event.ts";

/** Where schedules are made: EventBridge Scheduler, or its stand-in in a local stack. */
export interface SchedulePlace {
  readonly url: string;
  /** Their group, which is this stack's own. */
  readonly group: string;
  /** The role that invokes the function. */
  readonly role: string;
}

/**
 * Invokes the function `push` at a later time, once: a schedule that deletes itself. It costs a millionth of a dollar, and nothing while
 * there is none. A queue with a delay would be polled by Lambda all the time, also when nobody uses goTalk.
 *
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
 */
export class Schedules {
  readonly #place: SchedulePlace;
  readonly #sign: Sign;

  constructor(place: SchedulePlace, sign: Sign) {
    this.#place = place;
    this.#sign = sign;
  }

  /**
   * @param at Milliseconds since the epoch. The scheduler invokes it within a minute after that.
   * @param functionArn Of the function `push`.
   * @throws {Error} It was not taken.
   */
  async add(event: PushEvent, at: number, functionArn: string): Promise<void> {
    const { url: base, group, role } = this.#place;
    const url = new URL(`${base}/schedules/push-${newOpaqueId()}`);
    const body = JSON.stringify({
      GroupName: group,
      // In UTC, to the second.
      ScheduleExpression: `at(${new Date(at).toISOString().slice(0, 19)})`,
      FlexibleTimeWindow: { Mode: "OFF" },
      ActionAfterCompletion: "DELETE",
      Target: { Arn: functionArn, RoleArn: role, Input: JSON.stringify(event) },
    });
    const headers = await this.#sign({ service: "scheduler", url, body });
    const signal = AbortSignal.timeout(LIMITS.push.callTime);
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the scheduler answered ${response.status}`);
  }
}
