import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test, vi } from "vitest";
import { freePort, unusedPort } from "../../local/port.ts";

test.each(["http", "", "0", "65536", "80.5", undefined])("PORT=%s is refused", async (port) => {
  await expect(freePort(port, "localhost")).rejects.toThrow(
    `PORT=${port} is no port. Choose a number from 1 to 65535.`,
  );
});

test.each([
  ["192.0.2.1", "EADDRNOTAVAIL"],
  ["localhost:9000", "ENOTFOUND|EAI_AGAIN"],
])("--host %s, which this machine does not have, is told of, and not the port", async (host, why) => {
  const words = `^This machine has no address ${host} \\((${why})\\)\\. Give --host one of its addresses`;
  await expect(freePort(await unusedPort("127.0.0.1"), host)).rejects.toThrow(new RegExp(words));
});

const chosen = vi.hoisted(() => ({ next: [] as number[] }));
vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  return { ...crypto, randomInt: (from: number, to: number) => chosen.next.shift() ?? crypto.randomInt(from, to) };
});

test("an unused port is none that is taken, and none that a connection may get", async () => {
  const taken = await unusedPort("127.0.0.1");
  const server = createServer().listen(taken, "127.0.0.1");
  await once(server, "listening");
  chosen.next = [taken];
  const port = await unusedPort("127.0.0.1");
  server.close();
  expect(port).not.toBe(taken);
  expect(port).toBeLessThan(32_768);
  expect(chosen.next).toEqual([]);
});

test("a host on which nothing can listen has no unused port", async () => {
  await expect(unusedPort("192.0.2.1")).rejects.toThrow("EADDRNOTAVAIL");
});
