import { expect, it, vi } from "vitest";
import { tellMissed } from "../../cli/missed-by.ts";
import { Client } from "../../lib/client/index.ts";
import { type Act, json, problem, scripted, session, testTiming } from "../support/client-servers.ts";

const MEMBERS = ["a", "b", "c"].map((id) => ({ id, username: `name of ${id}`, admin: false }));
const GROUP = { groupId: "g-1", name: "Climbing", version: 2, members: MEMBERS };

/** What is told of a message to a group, and what the server was asked. */
async function told(answer: Act, missedBy: readonly string[] | undefined) {
  const { url, seen } = await scripted(answer);
  const client = new Client({ url, timing: testTiming(), session });
  const [onRetry, tell] = [vi.fn(), vi.fn<(text: string) => void>()];
  await tellMissed({ client, onRetry }, { id: "g-1" }, { ...(missedBy && { missedBy }) }, tell);
  return { texts: tell.mock.calls.flat(), asked: seen.map(({ path }) => path), retries: onRetry.mock.calls.length };
}

it("names the members who miss a message, and somebody who has left the group meanwhile by the id", async () => {
  const { texts, asked } = await told(json(200, GROUP), ["a", "c", "gone"]);
  expect(asked).toEqual(["/groups/g-1"]);
  expect(texts).toEqual([
    "Not delivered to name of a, name of c and gone: too many messages are waiting for them. All others have it.",
  ]);
});

it("says nothing and asks for nothing where nobody misses it", async () => {
  expect(await told(json(200, GROUP), undefined)).toEqual({ texts: [], asked: [], retries: 0 });
  expect(await told(json(200, GROUP), [])).toEqual({ texts: [], asked: [], retries: 0 });
});

it("tells the ids where the group cannot be read", async () => {
  const { texts } = await told(problem(404, "unknown_group"), ["a"]);
  expect(texts).toEqual([expect.stringMatching(/^Not delivered to a: /)]);
});

it("says that it tries again", async () => {
  const { url, seen } = await scripted(problem(503, "unavailable"), json(200, GROUP));
  const client = new Client({ url, timing: testTiming(), session });
  const [onRetry, tell] = [vi.fn(), vi.fn()];
  await tellMissed({ client, onRetry }, { id: "g-1" }, { missedBy: ["a"] }, tell);
  expect([seen.length, onRetry.mock.calls.length, tell.mock.calls.length]).toEqual([2, 1, 1]);
});
