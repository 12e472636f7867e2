import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SessionCleanup } from "../../../lib/accounts/session-cleanup.ts";
import { Sessions } from "../../../lib/accounts/sessions.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { sessionKey } from "../../../lib/database/account-keys.ts";
import { getRecord } from "../../../lib/database/get-record.ts";
import { DeviceNames } from "../../../lib/devices/device-names.ts";
import { Connections } from "../../../lib/live/connections.ts";
import { hangUpBy } from "../../../lib/live/hang-up.ts";
import { Listeners } from "../../../lib/live/listeners.ts";
import type { LiveGateway } from "../../../lib/live/live-gateway.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { device, NOW, shared } from "../../support/example-devices.ts";

describe.each(engines)("the cleanup of a device that ends ($name)", ({ start }) => {
  let engine: TestEngine;
  let sessions: Sessions;
  let names: DeviceNames;
  let connections: Connections;
  let cleanup: SessionCleanup;
  let listeners: Listeners;
  let user: string;
  const now = () => NOW;
  const laptop = device("laptop", 60);

  beforeAll(async () => {
    engine = await start();
    sessions = new Sessions(engine.accounts, now);
    names = new DeviceNames(engine.accounts, now);
    connections = new Connections(engine.accounts, now);
    listeners = new Listeners(engine.accounts, now);
    const gateway: LiveGateway = async () => true;
    cleanup = new SessionCleanup({ sessions, names, hangUp: hangUpBy(listeners, gateway) });
  });
  beforeEach(() => {
    user = randomUUID();
  });
  afterAll(() => engine?.stop());

  /** Sessions of these ids, on a device and a channel each; a session without a device is from before there were any. */
  async function begin(all: Record<string, readonly [device?: string, channel?: string]>): Promise<void> {
    for (const [sessionId, [on, channel]] of Object.entries(all)) {
      await sessions.start(user, { sessionId, ...(on && { device: on }), ...(channel && { channel }) });
    }
  }
  const alive = async () => (await sessions.list(user)).map(({ sessionId }) => sessionId).toSorted();
  const connected = async () => (await listeners.list(user, true)).map(({ connectionId }) => connectionId).toSorted();

  describe("ends the sessions", () => {
    it("on the device, and on the shared device while that had its channel", async () => {
      await begin({ on: ["laptop", "laptop"], before: ["shared", "laptop"], other: ["phone", "phone"] });
      await cleanup.endSessions(user, laptop);
      expect(await alive()).toEqual(["other"]);
    });

    it("from before devices existed, where it has the user's first channel", async () => {
      await begin({ old: [], other: ["shared", "a newer channel"] });
      await cleanup.endSessions(user, { ...laptop, channel: undefined });
      expect(await alive()).toEqual(["other"]);
    });

    it("also those that have just expired: a server whose clock is behind lets them go on", async () => {
      await new Sessions(engine.accounts, () => NOW - LIMITS.session - 1_000).start(user, {
        ...{ sessionId: "expired", device: "laptop", channel: "laptop" },
      });
      expect(await sessions.list(user, NOW - LIMITS.clocksApart)).toHaveLength(1);
      await cleanup.endSessions(user, laptop);
      expect(await sessions.list(user, 0)).toEqual([]);
    });

    it("but none of a later device that has its channel by now: it may have been slow", async () => {
      await begin({ later: ["another id", "laptop"] });
      await cleanup.endSessions(user, laptop);
      expect(await alive()).toEqual(["later"]);
    });

    it("of a shared device, but none of the next one, which has the same id", async () => {
      await begin({ before: ["shared", "before"], next: ["shared", "next"] });
      await cleanup.endSessions(user, shared(60, { channel: "before" }));
      expect(await alive()).toEqual(["next"]);
    });
  });

  describe("removes the connections", () => {
    const connect = (connectionId: string, sessionId: string, deviceId?: string, channel?: string) =>
      connections.add(connectionId, { userId: user, sessionId, deviceId, channel });

    it("on the device, whether or not their sessions are stored, and no others", async () => {
      await connect("on=", "ended before", "laptop", "laptop");
      await connect("other=", "other", "phone", "phone");
      await connect("later=", "later", "another id", "laptop");
      await cleanup.endSessions(user, laptop);
      expect(await connected()).toEqual(["later=", "other="]);
    });

    it("of the sessions that end, also one that was opened before the session moved there", async () => {
      await begin({ moved: ["laptop", "laptop"] });
      await connect("before=", "moved", "shared");
      await cleanup.endSessions(user, laptop);
      expect(await connected()).toEqual([]);
    });

    it("where there are any: without WebSocket connections the sessions end all the same", async () => {
      await begin({ on: ["laptop", "laptop"] });
      await new SessionCleanup({ sessions, names, hangUp: undefined }).endSessions(user, laptop);
      expect(await alive()).toEqual([]);
    });
  });

  it("forgets the name of the device, and no other, with its sessions or by itself", async () => {
    for (const id of ["laptop", "phone", "tablet"]) await names.set(user, id, { name: id, userAgent: "" });
    await cleanup.endSessions(user, laptop);
    await cleanup.removeName(user, "phone");
    expect([...(await names.list(user)).keys()]).toEqual(["tablet"]);
  });

  it("tells the session that takes over when that was, and brings none back that has ended", async () => {
    await begin({ heir: ["phone", "phone"] });
    await cleanup.tellHeir(user, "heir");
    await cleanup.tellHeir(user, "ended");
    expect(await getRecord(engine.accounts, sessionKey(user, "heir"), { consistent: true })).toMatchObject({
      heir: NOW,
    });
    expect(await alive()).toEqual(["heir"]);
  });
});
