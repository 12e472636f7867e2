import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newcomer } from "../support/people.ts";
import { start } from "./stacks.ts";

const OTHERS = 0o077;

test("Ctrl-C ends a stack with exit code 0; the next one has its data, its sessions, and its key", async () => {
  const first = await start();
  const { id, username, session, client, at } = await newcomer(first.url);
  await client.send({ to: id, content: "before" });
  expect(await first.stop()).toBe(0);
  expect(statSync(join(first.data, "token.key")).mode & OTHERS).toBe(0);

  const second = await start({ data: first.data });
  const { messages } = await at(second.url).sync({ ack: session.receipt });
  expect(messages).toMatchObject([{ content: "before" }]);
  expect(await second.stop()).toBe(0);

  rmSync(join(first.data, "token.key"));
  const third = await start({ data: first.data });
  await expect(at(third.url).find(username)).rejects.toMatchObject({ status: 401 });
});

test("what was answered before a kill -9 is there after it", async () => {
  const first = await start();
  const { id, session, client, at } = await newcomer(first.url);
  for (const content of ["one", "two", "three"]) await client.send({ to: id, content });
  await first.kill();

  const second = await start({ data: first.data });
  const { messages } = await at(second.url).sync({ ack: session.receipt });
  expect(messages.map(({ content }) => content)).toEqual(["one", "two", "three"]);
});
