import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { atRest, emptyBuckets, recover } from "../../deploy/recovery.ts";
import { Stack } from "../../deploy/stack.ts";
import { ObjectStore } from "./object-store.ts";
import { Stacks } from "./stacks.ts";
import { type StandIn, startStandIn } from "./stand-in.ts";

const NAME = "gotalk-dev";

describe("a stack that a run before has left half-way", () => {
  let page: ObjectStore;
  let packages: ObjectStore;
  let stacks: Stacks;
  let aws: StandIn;
  let stack: Stack;
  let said: string[];

  beforeEach(async () => {
    page = new ObjectStore();
    packages = new ObjectStore(2, "deployments");
    stacks = new Stacks({ PageBucket: page, ServerlessDeploymentBucket: packages });
    stacks.outputs = { Url: "https://d1.example.net" };
    aws = await startStandIn((call) =>
      Stacks.takes(call) ? stacks.answer(call) : (page.takes(call) ? page : packages).answer(call),
    );
    stack = new Stack(NAME, aws.config);
    said = [];
  });
  afterEach(() => aws.stop());

  const waiting = { every: 1, say: (line: string) => said.push(line) };
  const changes = () => stacks.asked.filter((action) => !/^(Describe|List)/.test(action));

  it.each(["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])(
    "%s: it can be updated as it is",
    async (status) => {
      stacks.status = status;
      expect(await recover(stack, aws.config, waiting)).toMatchObject({ status, outputs: stacks.outputs });
      expect(changes()).toEqual([]);
      expect(said).toEqual([]);
    },
  );

  it("is none: there is nothing to do", async () => {
    stacks.outputs = undefined;
    expect(await recover(stack, aws.config, waiting)).toBeUndefined();
    expect(changes()).toEqual([]);
  });

  it.each([
    "CREATE_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
  ])("%s: it is waited for, and that is said once", async (status) => {
    stacks.status = status;
    stacks.coming.push(status, status, "UPDATE_COMPLETE");
    expect(await recover(stack, aws.config, waiting)).toMatchObject({ status: "UPDATE_COMPLETE" });
    expect(changes()).toEqual([]);
    expect(said).toEqual([`The stack gotalk-dev is in ${status}. Waiting until that is over ...`]);
  });

  it("DELETE_IN_PROGRESS: it is waited for until there is none", async () => {
    stacks.status = "DELETE_IN_PROGRESS";
    stacks.coming.push("DELETE_IN_PROGRESS", "gone");
    expect(await recover(stack, aws.config, waiting)).toBeUndefined();
    expect(changes()).toEqual([]);
  });

  it.each(["REVIEW_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"])(
    "%s: it can only be deleted, and is, whatever lies in its buckets",
    async (status) => {
      stacks.status = status;
      // Nothing was made of one that was only looked at.
      const isEmpty = status === "REVIEW_IN_PROGRESS";
      if (!isEmpty) page.put("index.html");
      for (let index = 0; index < (isEmpty ? 0 : 5); index++) packages.put(`left/by-somebody-${index}`);
      expect(await recover(stack, aws.config, waiting)).toBeUndefined();
      expect(changes()).toEqual(["DeleteStack"]);
      expect([page.isEmpty, packages.isEmpty]).toEqual([true, true]);
      expect(said).toEqual([`The stack gotalk-dev was left in ${status}. It is deleted first, without the data ...`]);
    },
  );

  it("is not deleted against its protection, and nothing of it is", async () => {
    Object.assign(stacks, { status: "ROLLBACK_COMPLETE", isProtected: true });
    page.put("index.html");
    await expect(recover(stack, aws.config, waiting)).rejects.toThrow(
      "The stack gotalk-dev is protected against deletion. Nothing was removed.",
    );
    expect(page.isEmpty).toBe(false);
    expect(changes()).toEqual([]);
  });

  it("says what hinders when it cannot be deleted", async () => {
    stacks.status = "DELETE_FAILED";
    stacks.coming.push("DELETE_FAILED", "DELETE_FAILED");
    stacks.answer = ((answer) => (call) => {
      // Somebody puts something there as soon as the bucket is empty.
      if (String(call.body).includes("Action=DeleteStack")) page.put("late.html");
      return answer.call(stacks, call);
    })(stacks.answer);
    await expect(recover(stack, aws.config, waiting)).rejects.toThrow(
      "The stack gotalk-dev is in DELETE_FAILED: The bucket you tried to delete is not empty. Mend that cause",
    );
  });

  it("UPDATE_ROLLBACK_FAILED: the rollback goes on, and then it can be updated", async () => {
    stacks.status = "UPDATE_ROLLBACK_FAILED";
    stacks.coming.push("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE");
    expect(await recover(stack, aws.config, waiting)).toMatchObject({ status: "UPDATE_ROLLBACK_COMPLETE" });
    expect(changes()).toEqual(["ContinueUpdateRollback"]);
  });

  it("UPDATE_ROLLBACK_FAILED once more: it says so", async () => {
    stacks.status = "UPDATE_ROLLBACK_FAILED";
    stacks.coming.push("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED");
    await expect(recover(stack, aws.config, waiting)).rejects.toThrow(
      "The stack gotalk-dev is in UPDATE_ROLLBACK_FAILED: a reason. Mend that cause",
    );
  });

  it("is not waited for without an end", async () => {
    stacks.status = "UPDATE_IN_PROGRESS";
    await expect(atRest(stack, { ...waiting, every: 40 * 60_000, sleep: async () => undefined })).rejects.toThrow(
      "The stack gotalk-dev has been in UPDATE_IN_PROGRESS for an hour. Run the command again when that is over.",
    );
  });

  it("has its buckets emptied although one of them is gone", async () => {
    page.isThere = false;
    packages.put("serverless/gotalk/dev/1/sync.zip");
    await emptyBuckets(stack, aws.config);
    expect(packages.isEmpty).toBe(true);
  });
});
