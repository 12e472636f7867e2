import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { signBy } from "../../../lib/database/aws-calls.ts";
import { createDatabase } from "../../../lib/database/database.ts";
import type { PushEvent } from "../../../lib/push/push-event.ts";
import { Schedules } from "../../../lib/push/schedules.ts";
import { type AwsStandIn, startAwsStandIn } from "../../support/lambda-service.ts";

const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:gotalk-dev-push";
const ROLE = "arn:aws:iam::123456789012:role/schedules";
const AT = Date.parse("2026-01-02T03:04:05.678Z");
const EVENT: PushEvent = {
  push: { message: { messageId: "m", senderId: "s", senderName: "alice", sentAt: 1 }, targets: [], tries: 1 },
};

describe("a schedule", () => {
  let scheduler: AwsStandIn;
  let schedules: Schedules;

  beforeEach(async () => {
    scheduler = await startAwsStandIn();
    const database = createDatabase(() => {}, {
      region: "eu-central-1",
      credentials: { accessKeyId: "id", secretAccessKey: "secret" },
    });
    schedules = new Schedules({ url: scheduler.url, group: "gotalk-dev-push", role: ROLE }, signBy(database));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await scheduler.close();
  });

  it("is what the scheduler's API takes, at the second in UTC, each with a name of its own", async () => {
    scheduler.answer(200);
    await schedules.add(EVENT, AT, ARN);
    await schedules.add(EVENT, AT, ARN);
    expect(scheduler.requests.map(({ body }) => body)).toEqual(
      Array(2).fill({
        GroupName: "gotalk-dev-push",
        ScheduleExpression: "at(2026-01-02T03:04:05)",
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        Target: { Arn: ARN, RoleArn: ROLE, Input: JSON.stringify(EVENT) },
      }),
    );
    expect(new Set(scheduler.requests.map(({ path }) => path)).size).toBe(2);
  });

  it.each([400, 409, 429, 500])("that is answered %i was not taken", async (status) => {
    scheduler.answer(status);
    await expect(schedules.add(EVENT, AT, ARN)).rejects.toThrow(`the scheduler answered ${status}`);
  });

  it("that is not answered in time was not taken", async () => {
    const time = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(time.signal);
    scheduler.answer(undefined);
    const adding = schedules.add(EVENT, AT, ARN);
    const failing = expect(adding).rejects.toThrow("late");
    await scheduler.until(1);
    time.abort(new Error("late"));
    // Without the bound it would fail only now, and not for its time.
    await scheduler.close();
    await failing;
    expect(AbortSignal.timeout).toHaveBeenCalledWith(LIMITS.push.callTime);
    scheduler = await startAwsStandIn();
  });
});
