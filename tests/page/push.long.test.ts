import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Listeners } from "../../lib/live/listeners.ts";
import { declaredTables } from "../../stack/tables.ts";
import { CERTIFICATE } from "../support/certificate.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folders.ts";
import { newcomer } from "../support/people.ts";
import { StandInPushService } from "../support/push-service.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { databaseOf } from "../support/stack-engine.ts";
import { Autopush } from "./engines/autopush.ts";
import type { Browser } from "./engines/engine.ts";
import { EngineVisitor } from "./engines/engine-visitor.ts";
import { firefox, startFirefox } from "./engines/firefox.ts";

if (firefox.missing !== undefined) console.warn(`Skipped: push in Firefox. Install ${firefox.missing} to run it.`);

/**
 * The whole path, with nothing of a browser played: Firefox subscribes, decrypts, and wakes the page's worker. Headless it shows no
 * notifications, so what the worker shows is tested in Chromium.
 */
describe.skipIf(firefox.missing !== undefined)("push in Firefox", () => {
  let service: StandInPushService;
  let autopush: Autopush;
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    const certificate = join(temporaryFolder(), "certificate.pem");
    writeFileSync(certificate, CERTIFICATE);
    service = await StandInPushService.start();
    autopush = await Autopush.start(service);
    stack = await startStack({ env: { GOTALK_PUSH_LOOPBACK: "true", NODE_EXTRA_CA_CERTS: certificate } });
    browser = await startFirefox({
      "dom.push.connection.enabled": true,
      "dom.push.serverURL": autopush.url,
      "dom.push.testing.allowInsecureServerURL": true,
      // As a person who has allowed it.
      "permissions.default.desktop-notification": 1,
    });
  }, 300_000);
  afterAll(async () => {
    await browser?.stop();
    await stack?.stop();
    autopush?.close();
    await service?.close();
  });

  it("goes from a send to the worker of a page that is closed, and the conversation has the message when it is opened", async () => {
    const window = await browser.newWindow();
    const bob = new EngineVisitor(window, stack.url, "bob");
    await bob.register();
    const alice = await newcomer(stack.url);
    const { id } = await alice.client.find(bob.username);
    await alice.client.send({ to: id, content: "Hello, Bob!" });
    await bob.sees("Hello, Bob!");
    const told = (): Promise<string> => window.run(() => JSON.stringify({ ...localStorage }));
    await eventually(async () => expect(await told()).toContain(service.url));
    expect(autopush.channels).toHaveLength(1);

    await window.open("about:blank");
    // Nothing is pushed to a device that is connected.
    const { AccountsTable } = declaredTables();
    const database = databaseOf(stack.data);
    const listeners = new Listeners({ database, name: AccountsTable?.TableName ?? "" }, Date.now);
    await eventually(async () => expect(await listeners.list(id, true)).toEqual([]));
    database.destroy();
    await alice.client.send({ to: id, content: "While you were away" });
    await eventually(async () => expect(autopush.hasDelivered(1)).toBe(true));
    expect(service.faults).toEqual([]);

    // Where the worker leads on a click.
    await window.open(`${stack.url}/#${alice.id}`);
    await bob.sees("While you were away");
  }, 300_000);
});
