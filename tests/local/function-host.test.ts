import { expect, test } from "vitest";
import { AT_ONCE, FunctionTimeout } from "../../local/function-host.ts";
import { hostOf, PATIENCE_MS } from "./function-hosts.ts";

test("each function finds its own environment when it loads, and nothing of this process's", async () => {
  const source = "const { OWN, PATH } = process.env; export const handler = async () => ({ OWN, PATH });";
  const one = hostOf(source, { environment: { OWN: "one" } }).host;
  const other = hostOf(source, { environment: { OWN: "other" } }).host;
  expect(process.env["PATH"]).not.toBe("");
  expect(await Promise.all([one.invoke({}), other.invoke({})])).toEqual([
    { OWN: "one", PATH: undefined },
    { OWN: "other", PATH: undefined },
  ]);
});

test("a function is loaded once, gets what it is called with, and knows how much time it has", async () => {
  const { host } = hostOf(`let calls = 0;
    export const handler = async (event, context) =>
      [++calls, event, context.functionName, context.memoryLimitInMB, context.getRemainingTimeInMillis()];`);
  expect(await host.invoke({ a: 1 })).toEqual([1, { a: 1 }, "try", "128", expect.any(Number)]);
  const [calls, , , , left] = (await host.invoke({})) as [number, object, string, string, number];
  expect(calls).toBe(2);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(PATIENCE_MS);
});

test("what a handler throws ends its invocation alone", async () => {
  const { host } = hostOf(`let calls = 0;
    export const handler = async ({ fails }) => { calls++; if (fails) throw new Error("broken"); return calls; };`);
  const [ok, failed] = await Promise.allSettled([host.invoke({}), host.invoke({ fails: true })]);
  expect(ok).toEqual({ status: "fulfilled", value: 1 });
  expect(failed).toMatchObject({ status: "rejected", reason: { message: "broken" } });
  expect(await host.invoke({})).toBe(3);
});

test.each([
  ["an error outside of every invocation", "setImmediate(() => { throw new Error('loose'); });", "loose"],
  ["process.exit", "process.exit(3);", "has ended with code 3"],
])("%s ends the thread, and the next invocation begins another", async (_, fault, message) => {
  const { host } = hostOf(
    `export const handler = ({ fails }) => new Promise((done) => { if (fails) { ${fault} } else done("served"); });`,
  );
  await expect(host.invoke({ fails: true })).rejects.toThrow(message);
  expect(await host.invoke({})).toBe("served");
});

test("a loop that never ends is given up after the function's time, and the next invocation is served", async () => {
  const { host } = hostOf("export const handler = async ({ hangs }) => { while (hangs); return 'served'; };", {
    timeout: 2_000,
  });
  await expect(host.invoke({ hangs: true })).rejects.toThrow(FunctionTimeout);
  await expect.poll(() => host.invoke({}).catch(() => undefined), { timeout: PATIENCE_MS }).toBe("served");
});

test("a loop that never ends takes the other invocations on its thread with it, and no later one", async () => {
  const { host } = hostOf(
    `export const handler = async ({ loops }) => {
      while (loops);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return "served";
    };`,
    { timeout: 2_000 },
  );
  const neighbour = expect(host.invoke({})).rejects.toThrow(FunctionTimeout);
  await expect(host.invoke({ loops: true })).rejects.toThrow(FunctionTimeout);
  await neighbour;
  await expect.poll(() => host.invoke({}).catch(() => undefined), { timeout: PATIENCE_MS }).toBe("served");
});

test("an invocation that never ends is given up alone, where the thread answers others", async () => {
  const { host } = hostOf(
    `let calls = 0;
    export const handler = async ({ hangs }) => { calls++; return hangs ? new Promise(() => {}) : calls; };`,
    { timeout: 2_000 },
  );
  // On a busy machine a thread may take longer to begin than an invocation may.
  let calls = Number.NaN;
  const begin = async () => {
    calls = (await host.invoke({}).catch(() => Number.NaN)) as number;
    return calls;
  };
  await expect.poll(begin, { timeout: PATIENCE_MS }).toBeGreaterThan(0);
  const hanging = expect(host.invoke({ hangs: true })).rejects.toThrow(FunctionTimeout);
  expect(await host.invoke({})).toBe(calls + 2);
  await hanging;
  expect(await host.invoke({})).toBe(calls + 3);
});

test("a function that cannot be loaded fails each invocation, with the reason", async () => {
  const { host, write } = hostOf("throw new Error('the environment variable X is missing');");
  await expect(host.invoke({})).rejects.toThrow("X is missing");
  await expect(host.invoke({})).rejects.toThrow("X is missing");
  write("export const other = 1;");
  await expect(host.invoke({})).rejects.toThrow("exports no function handler");
});

test("several invocations run at once, but no more than the bound, and each has what belongs to it", async () => {
  const { host } = hostOf(`let running = 0, most = 0;
    export const handler = async ({ id }) => {
      most = Math.max(most, ++running);
      globalThis.awslambda.InvokeStore.set("id", id);
      await new Promise((done) => setTimeout(done, 20));
      running--;
      return { id: globalThis.awslambda.InvokeStore.get("id"), most };
    };`);
  const ids = Array.from({ length: AT_ONCE * 3 }, (_, id) => id);
  const answers = (await Promise.all(ids.map((id) => host.invoke({ id })))) as { id: number; most: number }[];
  expect(answers.map(({ id }) => id)).toEqual(ids);
  expect(answers.at(-1)?.most).toBe(AT_ONCE);
});

test("after a reload the new code serves; the old one answers what it has begun", async () => {
  const { host, write } = hostOf(`export const handler = async () => {
    await new Promise((done) => setTimeout(done, 200)); return "old"; };`);
  const begun = host.invoke({});
  write("export const handler = async () => 'new';");
  host.reload();
  expect(await Promise.all([begun, host.invoke({})])).toEqual(["old", "new"]);
});
