import type { BrowserContext, Request } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { usePage } from "../support/page/fixture.ts";
import { framesTo } from "../support/page/frames.ts";
import { passTime } from "../support/page/pass-time.ts";
import { showFrame } from "../support/page/show.ts";
import { setHidden } from "../support/page/visibility.ts";
import { problemText } from "../support/problem-text.ts";
import { newContents } from "../support/receiving.ts";

const blockSockets = (context: BrowserContext): Promise<void> =>
  context.routeWebSocket(/\/live$/, (socket) => void socket.close());

/**
 * Lets waits of a random length pass faster, and notes how long they should be. Without WebSockets, and attempts to
 * open them, these are the ones between polls.
 */
function hurry(): void {
  Reflect.deleteProperty(globalThis, "WebSocket");
  const waits: number[] = [];
  Reflect.set(globalThis, "waits", waits);
  const original = setTimeout;
  globalThis.setTimeout = ((work: () => void, milliseconds = 0) => {
    if (Number.isInteger(milliseconds)) return original(work, milliseconds);
    waits.push(milliseconds);
    return original(work, milliseconds / 50);
  }) as typeof setTimeout;
}

describe("the connection", () => {
  const { visitor, stranger, client } = usePage();

  it("brings messages at once over the WebSocket, with the token in a frame and never in a URL", async () => {
    const alice = await stranger("alice");
    const urls: string[] = [];
    const sent: string[] = [];
    const received = framesTo(alice);
    alice.page.on("request", (request) => urls.push(request.url()));
    alice.page.on("websocket", (socket) => {
      urls.push(socket.url());
      socket.on("framesent", ({ payload }) => sent.push(String(payload)));
    });
    await alice.register();
    await eventually(() => expect(received).toContain('{"type":"ready"}'));
    const bob = await client("bob");
    const { id } = await bob.find(alice.username);
    await showFrame(
      () => received,
      () => bob.send({ to: id, content: "Wake up" }),
    );
    await alice.conversations.getByText("Wake up").waitFor();
    const { token } = JSON.parse(sent[0] ?? "{}");
    expect(token).toMatch(/./);
    expect(urls.filter((url) => url.includes(token))).toEqual([]);
  });

  it("polls where the WebSocket is blocked, and says so", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: blockSockets }), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, content: "The slow way" });
    await alice.conversations.getByText("The slow way").waitFor();
    await alice.page.getByTitle("There are no live updates.").waitFor();
  });

  it("polls more slowly when nothing happens, and still more when nobody looks", async () => {
    const alice = await visitor("alice", { before: (context) => context.addInitScript(hurry) });
    const waits = () => alice.page.evaluate(() => (Reflect.get(globalThis, "waits") as number[]).splice(0));
    const longest = { visible: 0, hidden: 0 };
    await eventually(async () => {
      longest.visible = Math.max(longest.visible, ...(await waits()));
      expect(longest.visible).toBeGreaterThan(1_500);
    });
    await setHidden(alice, true);
    await eventually(async () => {
      longest.hidden = Math.max(longest.hidden, ...(await waits()));
      expect(longest.hidden).toBeGreaterThan(4_000);
    });
    expect(longest.visible).toBeLessThanOrEqual(3_000);
    expect(longest.hidden).toBeLessThanOrEqual(30_000);
  });

  it("is opened again after the server has closed it in good order", async () => {
    let opened = 0;
    let close = () => {};
    const alice = await visitor("alice", {
      before: (context) =>
        context.routeWebSocket(/\/live$/, (socket) => {
          opened++;
          socket.connectToServer();
          close = () => void socket.close({ code: 1000 });
        }),
    });
    await eventually(() => expect(opened).toBe(1));
    close();
    await eventually(() => expect(opened).toBe(2));
    await alice.connected();
  });

  it("says that it reconnects, and does so at once when told to", async () => {
    const alice = await visitor("alice", {
      before: async (context) => {
        await blockSockets(context);
        await context.clock.install();
      },
    });
    const underWay = new Set<Request>();
    alice.page.on("request", (request) => void underWay.add(request));
    alice.page.on("requestfinished", (request) => void underWay.delete(request));
    alice.page.on("requestfailed", (request) => void underWay.delete(request));
    const restore = await cutOff(alice.page, "**/sync");
    await alice.status.filter({ hasText: "Reconnecting…" }).waitFor();
    // The page's time stands still: no wait ends by itself.
    await alice.page.clock.pauseAt(Date.now() + 3_600_000);
    // What a wait that has just ended asked for has failed as well.
    await eventually(async () => expect(underWay.size).toBe(0));
    await alice.status.filter({ hasText: "Reconnecting…" }).waitFor();
    restore();
    await alice.button("Retry now").click();
    // For what waits for no time at all.
    await passTime(alice.page, 1, alice.connected());
    expect(await alice.button("Retry now").count()).toBe(0);
  });

  it("says Offline, and syncs when the network is back and when the tab is looked at again", async () => {
    const alice = await visitor("alice", { before: blockSockets });
    await alice.context.setOffline(true);
    await alice.status.filter({ hasText: "Offline" }).waitFor();
    await alice.context.setOffline(false);
    await alice.connected();
    // No other reason to ask for a while: the server holds the batch for somebody else.
    const held = Promise.withResolvers<void>();
    await alice.page.route("**/sync", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), messages: [], retryAfter: 600 } });
      held.resolve();
    });
    await held.promise;
    const [request] = await Promise.all([
      alice.page.waitForRequest("**/sync"),
      alice.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange"))),
    ]);
    expect(request.method()).toBe("POST");
  });

  it("carries messages where the browser says that it is offline, and the server answers", async () => {
    // So it is on a machine without a network that runs the server itself.
    const withoutNetwork = () => Object.defineProperty(Navigator.prototype, "onLine", { get: () => false });
    const [alice, bob] = await Promise.all([
      visitor("alice", { before: (context) => context.addInitScript(withoutNetwork) }),
      client("bob"),
    ]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.send("From here to here");
    await alice.message("From here to here").getByText("Sent", { exact: true }).waitFor();
    const restore = await cutOff(alice.page, /\/(sync|send)$/);
    await alice.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await alice.status.filter({ hasText: "Offline" }).waitFor();
    await alice.send("Not now");
    await alice.message("Not now").getByText("Waiting for the network").waitFor();
    restore();
    await alice.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await alice.message("Not now").getByText("Sent", { exact: true }).waitFor();
    expect(await newContents(bob)).toEqual(["From here to here", "Not now"]);
  });

  it("syncs on the event that the network is back, though no wait has ended", async () => {
    const alice = await visitor("alice", {
      before: async (context) => {
        await blockSockets(context);
        await context.clock.install();
      },
    });
    await alice.context.setOffline(true);
    await alice.status.filter({ hasText: "Offline" }).waitFor();
    // The page's time stands still: no wait ends by itself.
    await alice.page.clock.pauseAt(Date.now() + 3_600_000);
    const asked = alice.page.waitForRequest("**/sync");
    await alice.context.setOffline(false);
    // For what waits for no time at all.
    await passTime(alice.page, 1, asked);
    expect((await asked).method()).toBe("POST");
  });

  it("honours Retry-After, and says how long it takes", async () => {
    const alice = await visitor("alice", { before: blockSockets });
    let isLimited = true;
    await alice.page.route("**/sync", (route) =>
      isLimited
        ? route.fulfill({
            status: 429,
            headers: { "retry-after": "2" },
            contentType: "application/problem+json",
            body: problemText(429, "too_many_attempts"),
          })
        : route.continue(),
    );
    await alice.status.filter({ hasText: /Too many requests\. Trying again in [23] s/ }).waitFor();
    isLimited = false;
    await alice.connected();
  });

  it("leads to the login when the session was ended elsewhere, and keeps draft and outbox", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    const restore = await cutOff(alice.page, "**/send");
    await alice.send("In the outbox");
    await alice.box.pressSequentially("Half a sent");
    await (await alice.withSameSession()).logout();
    await alice.page.getByRole("alert").filter({ hasText: "You were logged out from elsewhere" }).waitFor();
    expect(await alice.page.getByRole("textbox", { name: "Username" }).inputValue()).toBe(alice.username);
    restore();
    await alice.logIn();
    await alice.message("In the outbox").getByText("Sent", { exact: true }).waitFor();
    expect(await alice.box.inputValue()).toBe("Half a sent");
    expect(await newContents(bob)).toEqual(["In the outbox"]);
  });

  it("says that a network answers in the server's place, stays logged in, and goes on once that ends", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: blockSockets }), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    let isCaught = true;
    const isOurs = (url: URL) => /^\/(send|sync)$/.test(url.pathname);
    const loginPage = { status: 401, contentType: "text/html", body: "<h1>Log in to our network</h1>" };
    await alice.page.route(isOurs, (route) => (isCaught ? route.fulfill(loginPage) : route.continue()));
    await alice.send("Through the portal");
    await alice.status.filter({ hasText: "Something on this network" }).waitFor();
    isCaught = false;
    await alice.message("Through the portal").getByText("Sent", { exact: true }).waitFor();
    await alice.connected();
    expect(await newContents(bob)).toEqual(["Through the portal"]);
  });

  it("names a refusal in plain words", async () => {
    const alice = await visitor("alice");
    await alice.page.route("**/send", (route) =>
      route.fulfill({
        status: 404,
        contentType: "application/problem+json",
        body: problemText(404, "unknown_receiver"),
      }),
    );
    const bob = await client("bob");
    await alice.talkTo(bob.session?.username ?? "");
    await alice.send("Are you there?");
    await alice.page.getByRole("alert").filter({ hasText: "This user does not exist any more." }).waitFor();
  });
});
