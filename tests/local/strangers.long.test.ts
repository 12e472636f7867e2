import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DOCUMENT } from "../support/documented.ts";
import { newcomer } from "../support/people.ts";
import { expectProblem } from "../support/problems.ts";
import { ask, UPGRADE, wireTo } from "../support/raw-request.ts";
import { type Stack, startStack } from "../support/stack.ts";

const OTHERS = 0o077;
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { GOTALK_HOSTS: "laptop.example, Desk.example" } });
});
afterAll(() => stack.stop());

const own = (): string => `localhost:${stack.port}`;

describe("the database's engine", () => {
  const url = (): URL => new URL(readFileSync(join(stack.data, "engine"), "utf8").trim());
  const list = {
    method: "POST",
    headers: {
      authorization:
        "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=, Signature=x",
      "content-type": "application/x-amz-json-1.0",
      "x-amz-date": "20260101T000000Z",
      "x-amz-target": "DynamoDB_20120810.ListTables",
    },
    body: "{}",
  };

  it("serves requests to its URL, which the owner of the data alone can read", async () => {
    const client = new DynamoDBClient({ endpoint: url().href, region: "us-east-1", credentials: CREDENTIALS });
    const { TableNames } = await client.send(new ListTablesCommand());
    client.destroy();
    expect(TableNames).toHaveLength(2);
    expect(statSync(join(stack.data, "engine")).mode & OTHERS).toBe(0);
    expect(stack.output()).not.toContain(url().pathname);
  });

  it("refuses all others, and lets no page read why", async () => {
    const { origin, pathname } = url();
    const wrong = [
      `/`,
      `/${"x".repeat(pathname.length - 1)}`,
      pathname.slice(0, -1),
      pathname.toLowerCase(),
      `//${pathname}`,
    ];
    for (const path of wrong) {
      for (const headers of [list.headers, { ...list.headers, origin: "http://evil.example" }]) {
        const answer = await ask(origin + path, { ...list, headers });
        expect([path, answer.status, answer.text]).toEqual([path, 403, ""]);
        expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
      }
    }
  });

  it("refuses a page and a foreign host even with the URL", async () => {
    const { href, host } = url();
    expect((await ask(href, list)).status).not.toBe(403);
    const refused = [
      { origin: "http://evil.example" },
      { origin: `http://${host}` },
      { origin: "null" },
      { host: "evil.example" },
      { host: `localhost:${url().port}` },
    ];
    for (const headers of refused) {
      expect((await ask(href, { ...list, headers: { ...list.headers, ...headers } })).status).toBe(403);
      expect((await ask(href, { method: "OPTIONS", headers })).status).toBe(403);
    }
  });

  it("is no part of what goes on when a request is cut off in its body", async () => {
    const { host, port, pathname } = url();
    const socket = await wireTo(Number(port));
    socket.write(`POST ${pathname}/ HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\n{`);
    socket.resetAndDestroy();
    const { client } = await newcomer(stack.url);
    expect(await client.sync()).toMatchObject({ messages: [] });
  });
});

/** The TCP ports on which a process listens, as Linux tells. */
function portsOf(pid: number): number[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return "";
    }
  });
  const LISTEN = "0A";
  const lines = ["tcp", "tcp6"].flatMap((name) => readFileSync(`/proc/${pid}/net/${name}`, "utf8").split("\n"));
  const ports = lines.flatMap((line) => {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTEN && sockets.includes(`socket:[${inode}]`)
      ? [Number.parseInt(local.split(":")[1] ?? "", 16)]
      : [];
  });
  return [...new Set(ports)];
}

describe.runIf(existsSync("/proc/self/net/tcp"))("every other port that the stack listens on", () => {
  it("refuses everybody: it answers with nothing but 403", async () => {
    const ports = portsOf(stack.pid).filter((port) => port !== stack.port);
    expect(ports).toContain(Number(new URL(readFileSync(join(stack.data, "engine"), "utf8")).port));
    const paths = ["/", "/@connections/x", "/2015-03-31/functions/gotalk-dev-live/invocations"];
    for (const port of ports) {
      for (const path of paths) {
        for (const method of ["GET", "POST", "OPTIONS", "DELETE"]) {
          const answer = await ask(`http://127.0.0.1:${port}${path}`, {
            method,
            headers: { origin: "http://evil.example" },
          });
          expect([port, method, path, answer.status, answer.text]).toEqual([port, method, path, 403, ""]);
        }
      }
      // A connection that asks for a WebSocket gets an answer, or its end.
      const socket = await wireTo(port);
      socket.write(
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: a2tra2tra2tra2tra2tra2s=\r\n\r\n",
      );
      const [answer = ""] = await Promise.race([once(socket, "data"), once(socket, "close")]);
      expect(String(answer)).not.toContain("101");
    }
  });
});

describe("a page of another site", () => {
  const paths = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path.replace(/\{\w+\}/, "x")] as const),
  );
  const foreign = (): Record<string, string>[] => [
    { origin: "http://evil.example" },
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    { origin: "null" },
    // Another program on this machine is another site, too.
    { origin: "http://localhost:3000", "sec-fetch-site": "same-site" },
    { origin: `https://${own()}.evil.example` },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
  ];

  it("is refused by a problem on every route, file and method, and can read none of it", async () => {
    expect(paths.length).toBeGreaterThan(10);
    const all = [
      ...paths,
      ["GET", "/"],
      ["GET", "/index.html"],
      ["GET", "/openapi.json"],
      ["OPTIONS", "/send"],
      ["GET", "/x"],
    ] as const;
    for (const [method, path] of all) {
      for (const headers of foreign()) {
        const answer = await ask(stack.url + path, { method, headers });
        expectProblem(answer, 403, "cross_site");
        expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
      }
    }
  });

  it("is refused when it asks to be waited for", async () => {
    const socket = await wireTo(stack.port);
    socket.write(
      `POST /login HTTP/1.1\r\nHost: ${own()}\r\nOrigin: http://evil.example\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n`,
    );
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it("registers nobody by a form", async () => {
    const username = `victim-${stack.port}`;
    const headers = { origin: "http://evil.example", "content-type": "application/x-www-form-urlencoded" };
    const body = `username=${username}&password=correct-horse`;
    expectProblem(await ask(`${stack.url}/register`, { method: "POST", headers, body }), 403, "cross_site");
    const endpoint = readFileSync(join(stack.data, "engine"), "utf8").trim();
    const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: CREDENTIALS });
    const { Items } = await client.send(new ScanCommand({ TableName: "gotalk-dev-accounts" }));
    client.destroy();
    expect(JSON.stringify(Items)).not.toContain(username);
  });

  it("opens no WebSocket", async () => {
    for (const headers of foreign()) {
      expectProblem(await ask(`${stack.url}/live`, { headers: { ...UPGRADE, ...headers } }), 403, "cross_site");
    }
    expectProblem(
      await ask(`${stack.url}/live`, { headers: { ...UPGRADE, host: "evil.example" } }),
      403,
      "unknown_host",
    );
    const page = { ...UPGRADE, origin: `http://${own()}`, "sec-fetch-site": "same-origin" };
    expect((await ask(`${stack.url}/live`, { headers: page })).status).toBe(101);
  });

  it("may lead to the page by a link, and to nothing else", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    for (const path of ["/", "/?x", "/index.html", "/reference.html"]) {
      expect((await ask(stack.url + path, { headers })).status).toBe(200);
    }
    for (const path of ["/sessions", "/users/alice", "/nothing"]) {
      expectProblem(await ask(stack.url + path, { headers }), 403, "cross_site");
    }
    expectProblem(await ask(stack.url, { method: "POST", headers }), 403, "cross_site");
  });
});

describe("a host name", () => {
  it("may be an address in any spelling; only programs spell it otherwise than browsers do", async () => {
    const host = `[0:0:0:0:0:0:0:1]:${stack.port}`;
    expect((await ask(stack.url, { headers: { host } })).status).toBe(200);
    expectProblem(await ask(`${stack.url}/sync`, { method: "POST", headers: { host } }), 400, "invalid_request");
  });

  it.each(["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "laptop.example", "desk.example"])(
    "%s is the stack's, with any port, and a page there is its own",
    async (name) => {
      for (const host of [name, `${name}:${stack.port}`, `${name}:8080`]) {
        const page = {
          host,
          origin: `http://${host.toLowerCase()}`,
          "sec-fetch-site": "same-origin",
        };
        expect((await ask(stack.url, { headers: { host } })).status).toBe(200);
        expect((await ask(stack.url, { headers: page })).status).toBe(200);
        expectProblem(await ask(`${stack.url}/sync`, { method: "POST", headers: page }), 400, "invalid_request");
      }
    },
  );

  it.each([
    "evil.example",
    "localhost.evil.example",
    "evil-localhost",
    "localhost.",
    "x.laptop.example",
    "192.0.2.1",
    "[2001:db8::1]",
    "0.0.0.0",
    "x@localhost",
    "localhost@evil.example",
    "evil.example#localhost",
    "localhost/",
    "127.0.0.1.nip.io",
  ])("%j is not: neither a route nor a file is served by it", async (host) => {
    for (const path of ["/", "/send", "/openapi.json"]) {
      const answer = await ask(stack.url + path, { headers: { host } });
      expectProblem(answer, 403, "unknown_host");
      expect(answer.body["detail"]).toContain("GOTALK_HOSTS");
    }
  });

  /** Of this machine; none where there is no network. */
  const address = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === "IPv4" && !one.internal)?.address;

  it.skipIf(address === undefined)(
    "that no page can have needs no setting: the address that the request came in by",
    async () => {
      expect((await ask(stack.url, { headers: { host: `${address}:${stack.port}` } })).status).toBe(403);
      const reachable = await startStack({ args: ["--host", "0.0.0.0"] });
      try {
        const url = `http://${address}:${reachable.port}`;
        expect((await ask(url)).status).toBe(200);
        expect((await ask(url, { headers: { host: "evil.example" } })).status).toBe(403);
        expect((await ask(reachable.url)).status).toBe(200);
        expect((await ask(reachable.url, { headers: { host: address } })).status).toBe(403);
      } finally {
        await reachable.stop();
      }
    },
  );
});

describe("a program", () => {
  it("that sends no Origin is served as ever, by form, JSON and WebSocket", async () => {
    const { id, client } = await newcomer(stack.url);
    await client.send({ to: id, content: "hello" });
    expect((await client.sync()).messages).toMatchObject([{ content: "hello" }]);
    expect((await ask(`${stack.url}/live`, { headers: UPGRADE })).status).toBe(101);
  });
});

it("both loopback addresses serve the page and the API", async () => {
  const hasIpv6 = Object.values(networkInterfaces())
    .flat()
    .some((one) => one?.address === "::1");
  for (const host of ["127.0.0.1", ...(hasIpv6 ? ["[::1]"] : []), "localhost"]) {
    const url = `http://${host}:${stack.port}`;
    expect((await ask(url)).status).toBe(200);
    expectProblem(await ask(`${url}/sync`, { method: "POST" }), 400, "invalid_request");
    expect((await ask(`${url}/live`, { headers: UPGRADE })).status).toBe(101);
  }
});
