import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Computer, FAST_CLOCK } from "../support/terminal-client.ts";

const session = { token: "t", id: "id-1", username: "alice", receipt: "r", expiresAt: "2099-01-01T00:00:00.000Z" };

describe.concurrent("gotalk behind a login page of the network", () => {
  let portal: Server;
  const url = () => `http://127.0.0.1:${(portal.address() as AddressInfo).port}`;
  beforeAll(async () => {
    portal = createServer((request, response) => {
      const { pathname } = new URL(String(request.url), "http://portal");
      const status = Number(pathname.split("/")[1]);
      response.writeHead(status, { "content-type": "text/html" }).end("<h1>Welcome. Accept our terms</h1>");
    }).listen(0, "127.0.0.1");
    await once(portal, "listening");
  });
  afterAll(() => portal.close());

  /** Somebody who is logged in at a server that answers everything with this status, in HTML. */
  function computer(answer: number): Computer {
    const here = new Computer(`${url()}/${answer}`);
    mkdirSync(here.folder, { recursive: true });
    writeFileSync(join(here.folder, "session.json"), JSON.stringify({ url: `${url()}/${answer}`, session }));
    return here;
  }

  it.each<[string, number, RegExp]>([
    ["login alice", 200, /login page/],
    ["register alice", 200, /alice may be registered\. Try again/],
    ["whoami", 401, /login page/],
    ["send bob hello", 404, /login page/],
    ["receive --no-wait", 401, /login page/],
    ["sessions", 200, /login page/],
    ["logout", 200, /The session may have ended/],
    ["logout", 204, /The session may have ended/],
    ["logout", 401, /The session may have ended/],
    ["password", 200, /The password may have changed/],
    ["end-session s", 200, /The session may have ended/],
    ["block bob", 200, /login page/],
    ["unblock bob", 200, /login page/],
    ["delete-account --yes", 200, /alice may be deleted/],
    ["chat bob", 511, /login page/],
  ])("%s is answered %i in HTML: it ends with 69, and the session stays", async (line, answer, words) => {
    const here = computer(answer);
    const ended = await here.run(line.split(" "), "not the password\nanother one\n", FAST_CLOCK);
    expect(ended).toMatchObject({ code: 69, stdout: "", stderr: expect.stringMatching(words) });
    expect(ended.stderr).toMatch(/Something between you and the server answered/);
    expect(JSON.parse(readFileSync(join(here.folder, "session.json"), "utf8"))).toMatchObject({ session });
  });

  it.each([429, 503])("a gateway that answers %i is a server that is busy: 75", async (answer) => {
    const ended = await computer(answer).run(["whoami"], "", FAST_CLOCK);
    expect(ended).toMatchObject({
      code: 75,
      stdout: "",
      stderr: expect.stringMatching(/A gateway in front of the server answered/),
    });
  });
});

it.each([["blocks"], ["sessions"]])("%s lets no server drive the terminal", async (command) => {
  const username = "eve\u001b]0;owned\u0007";
  const blocks = [{ id: "id-2", username }];
  const sessions = [{ sessionId: username, createdAt: "then", expiresAt: "later", userAgent: "", current: false }];
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ blocks, sessions }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const here = new Computer(url);
  mkdirSync(here.folder, { recursive: true });
  writeFileSync(join(here.folder, "session.json"), JSON.stringify({ url, session }));
  const { code, stdout } = await here.run([command]);
  server.close();
  expect(code).toBe(0);
  expect(stdout).toContain("eve\\u001b]0;owned\\u0007");
});
