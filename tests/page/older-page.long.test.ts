import type { BrowserContext, Page, Request } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Session } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { seedUser } from "../support/shared/index.ts";
import { openFromMenu } from "./support/menu.ts";

const OLDER = "gotalk.session";
const KEY = "gotalk.session.2";

/** The sessions that a browser has stored: the one for older pages, and the page's own. */
const storedIn = (page: Page): Promise<(Session | null)[]> =>
  page.evaluate((keys) => keys.map((key) => JSON.parse(localStorage.getItem(key) ?? "null")), [OLDER, KEY]);

const store = (page: Page, key: string, session: unknown): Promise<void> =>
  page.evaluate(([name, value]) => localStorage.setItem(name, value), [key, JSON.stringify(session)] as const);

/** A tab of the site in which no page of goTalk runs. */
async function bareTab({ context, url }: Visitor): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(`${url}/manifest.webmanifest`);
  return tab;
}

/** A session as older pages have it: it names no device. */
async function olderSession(visitor: Visitor): Promise<Omit<Session, "deviceId">> {
  const { deviceId: _, ...session } = (await visitor.elsewhere()).session ?? ({} as Session);
  return session;
}

/** Lets an attempt to move a session take as long as this test wants. */
const withPatience = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    AbortSignal.timeout = () => new AbortController().signal;
    // As on plain HTTP from another machine.
    Reflect.deleteProperty(Navigator.prototype, "locks");
  });

describe("a session of an older page", () => {
  const { visitor, stranger } = usePage();

  it("is no longer there for tabs with the older page before its token ends", async () => {
    const alice = await stranger("alice");
    await seedUser(alice);
    const older = await bareTab(alice);
    const session = await olderSession(alice);
    await store(older, OLDER, session);
    const told = older.evaluate(
      (key) =>
        new Promise((resolve) => {
          addEventListener("storage", (event) => {
            if (event.key === key)
              resolve([event.newValue, JSON.parse(localStorage.getItem("gotalk.session.2") ?? "")]);
          });
        }),
      OLDER,
    );
    const whenMoved: unknown[] = [];
    await alice.page.route("**/devices", async (route) => {
      if (route.request().method() === "POST") whenMoved.push(await storedIn(alice.page));
      await route.continue();
    });
    await alice.page.goto(alice.url);
    await eventually(async () => expect((await storedIn(alice.page))[1]?.deviceId).toBeDefined());
    expect(whenMoved.length).toBeGreaterThan(0);
    for (const stored of whenMoved) expect(stored).toEqual([null, session]);
    expect(await told).toEqual([null, session]);
    await alice.connected();
    await alice.page.reload();
    await alice.connected();
  });

  it.each([
    [
      "a logout",
      async (alice: Visitor) => {
        await alice.button("Log out").click();
      },
    ],
    [
      "an expiry",
      async (alice: Visitor) => {
        await (await alice.withSameSession()).logout();
        await alice.page.reload();
      },
    ],
    [
      "erasing the device",
      async (alice: Visitor) => {
        const dialog = await openFromMenu(alice, "Log out and erase this device");
        await dialog.getByRole("button", { name: "Log out and erase" }).click();
      },
    ],
  ])("counts for nothing beside the page's own, and logs nobody in after %s", async (_, end) => {
    const [alice, bob] = await Promise.all([visitor("alice"), visitor("bob")]);
    const session = await olderSession(bob);
    await store(alice.page, OLDER, session);
    const [, own] = await storedIn(alice.page);
    await alice.page.reload();
    await alice.connected();
    expect(await storedIn(alice.page)).toEqual([session, own]);
    await end(alice);
    await alice.button("Log in").waitFor();
    expect(await storedIn(alice.page)).toEqual([null, null]);
    await alice.page.reload();
    await alice.button("Log in").waitFor();
  });

  it("ends where the device is erased while it moves: the late answer is logged out, and nothing works on", async () => {
    const alice = await stranger("alice", { before: withPatience });
    await seedUser(alice);
    await store(await bareTab(alice), OLDER, await olderSession(alice));
    const { promise: isErased, resolve: onErased } = Promise.withResolvers<void>();
    const logouts: (string | undefined)[] = [];
    let moved: Session | undefined;
    await alice.page.route("**/devices", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      const response = await route.fetch();
      moved = await response.json();
      await isErased;
      await route.fulfill({ response });
    });
    alice.page.on("response", (response) => {
      if (response.url().endsWith("/logout")) logouts.push(response.request().headers()["authorization"]);
    });
    await alice.page.goto(alice.url);
    await eventually(async () => expect(moved).toBeDefined());
    const dialog = await openFromMenu(alice, "Log out and erase this device");
    await dialog.getByRole("button", { name: "Log out and erase" }).click();
    await alice.page.getByRole("alert").filter({ hasText: "keeps nothing of" }).waitFor();
    onErased();
    await eventually(async () => expect(logouts).toContain(`Bearer ${moved?.token}`));
    expect(await storedIn(alice.page)).toEqual([null, null]);
    expect(await alice.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([]);
  });

  it("goes on in two tabs that move it at the same moment, where browsers have no locks", async () => {
    const alice = await stranger("alice", { before: withPatience });
    await seedUser(alice);
    const bare = await bareTab(alice);
    await store(bare, OLDER, await olderSession(alice));
    const bodies: unknown[] = [];
    const logouts: string[] = [];
    const { promise: bothAnswered, resolve: onBoth } = Promise.withResolvers<void>();
    const { promise: firstIsKnown, resolve: onFirstKnown } = Promise.withResolvers<void>();
    await alice.context.route("**/devices", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      const isFirst = bodies.push(route.request().postDataJSON()) === 1;
      const response = await route.fetch();
      if (!isFirst) onBoth();
      await (isFirst ? bothAnswered : firstIsKnown);
      await route.fulfill({ response }).catch(() => undefined);
    });
    let ended = 0;
    const onEnd = (request: Request): void => {
      if (request.method() === "POST" && request.url().endsWith("/devices")) ended++;
    };
    alice.context.on("requestfinished", onEnd).on("requestfailed", onEnd);
    alice.context.on("request", (request) => {
      if (request.url().endsWith("/logout")) logouts.push(request.url());
    });
    await alice.page.goto(alice.url);
    await eventually(async () => expect(bodies.length).toBe(1));
    await alice.context.addInitScript((key) => {
      addEventListener("storage", ({ key: changed, newValue }) => {
        if (changed === key && newValue?.includes("deviceId")) Reflect.set(globalThis, "hasHeardOfMove", true);
      });
    }, KEY);
    const tab = await alice.openTab();
    await bothAnswered;
    await tab.page.waitForFunction(() => Reflect.get(globalThis, "hasHeardOfMove"));
    const [, first] = await storedIn(bare);
    onFirstKnown();
    // The second tab may have given its request up: it has heard that the session has moved.
    await eventually(async () => expect(ended).toBe(2));
    expect(bodies[1]).toEqual(bodies[0]);
    await Promise.all([alice.connected(), tab.connected()]);
    await alice.talkTo(alice.username);
    await alice.sendForSure("Still here");
    await tab.conversations.getByText("Still here").waitFor();
    expect(logouts).toEqual([]);
    expect((await storedIn(bare))[1]?.deviceId).toBe(first?.deviceId);
    expect((await (await alice.withSameSession()).devices()).length).toBe(1);
  });
});
