import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { attacks, attackTable, presentAttackTable, waitingPushes } from "../../bench/attacks.ts";

const MILLION = 1e6;

/*
 * The figures below were worked out by hand from the list prices: in an hour of 500 requests a second are 1.8 million.
 */
describe("what an attacker can cost in an hour", () => {
  const [junk, logins, silent, pings, replays, held, beaten, messages, proofs, , pushes, shared, expired, forged] =
    attacks();

  it("is what a flood of refusals costs at least: each passes CloudFront, API Gateway, a function and the logs", () => {
    // Requests 1 + 1 + 0.2, 500 bytes of traffic, ceil(3.46) = 4 ms of 0.5 GB; neither logs nor traces.
    const million = 2.2 + 0.0425 + 4_000 * 0.5 * 0.0000133334;
    expect(junk?.bounded).toBeCloseTo(1.8 * million, 1);
    expect(junk?.without).toBe(junk?.bounded);
  });

  it("was hundreds of dollars by replays: 2.4 MB of traffic, five parts of a request, and a page each", () => {
    const megabytes = 24 * 98_524 + 200;
    const traffic = (1.8 * MILLION * megabytes * 0.085) / 1e9;
    const pages = 1.8 * 257.5 * 0.125;
    expect(replays?.without).toBeGreaterThan(traffic + pages + 1.8 * 5);
    expect(replays?.without).toBeLessThan(1.05 * (traffic + pages + 1.8 * 5));
  });

  it("is little more than the refusals by now, where nothing is done for a request that is one too many", () => {
    for (const attack of [replays, held, beaten]) {
      expect(attack?.bounded).toBeGreaterThan(junk?.bounded ?? Number.NaN);
      expect((attack?.bounded ?? Number.NaN) - (junk?.bounded ?? Number.NaN)).toBeLessThan(1.3);
    }
    expect(logins?.bounded).toBeLessThan(0.6 * (logins?.without ?? Number.NaN));
  });

  it("is bounded for messages by the sender's rate: 17 units to write each, and as many to delete it", () => {
    // And 50 a minute, which each of ten functions gives away.
    const sent = (1_000 + 50 * 3_600 + 10 * 50 * 60) / MILLION;
    expect(messages?.bounded).toBeGreaterThan(sent * 34 * 0.625 + 0.8 * (junk?.bounded ?? Number.NaN));
    expect(messages?.bounded).toBeLessThan((messages?.without ?? Number.NaN) / 4);
  });

  it("is bounded for proofs by the user's rate, past which there is nothing dearer than pings", () => {
    expect(proofs?.bounded).toBeGreaterThan(pings?.without ?? Number.NaN);
    expect(proofs?.bounded).toBeLessThan(1.05 * (pings?.without ?? Number.NaN));
    expect(proofs?.without).toBeGreaterThan(1.3 * (pings?.without ?? Number.NaN));
  });

  it("is bounded for pings that prove nothing by the address, past which no WebSocket is let in", () => {
    // 100 a second are refused, each for CloudFront and a function.
    expect(pings?.bounded).toBeGreaterThan(0.36 * 1.2);
    expect(pings?.bounded).toBeLessThan((pings?.without ?? Number.NaN) / 4);
  });

  it("is bounded for wakes: one for each message, and 5 a second more in each function", () => {
    const sent = (1_000 + 50 * 3_600 + 10 * 50 * 60) / MILLION;
    const further = (10 * (200 + 5 * 3_600)) / MILLION;
    const others = (messages?.bounded ?? Number.NaN) - sent - further;
    expect(others).toBeGreaterThan(sent * 34 * 0.625 + 0.8 * (junk?.bounded ?? Number.NaN));
    expect(others).toBeLessThan(10);
    expect((messages?.without ?? Number.NaN) - 50 * 1.8).toBeLessThan(60);
  });

  it("is bounded by the firewall where it looks: one address gets 100 requests and one password a second", () => {
    const inspected = 1.8 * 0.6;
    expect(junk?.guarded).toBeCloseTo((junk?.bounded ?? 0) / 5 + inspected);
    expect(logins?.guarded).toBeCloseTo((logins?.without ?? 0) / 250 + inspected / 2);
    for (const attack of [replays, held, messages]) expect(attack?.guarded).toBeLessThan(attack?.bounded ?? 0);
  });

  it("is not bounded by it on a WebSocket: as many are opened, and no frame is looked at", () => {
    expect((silent?.guarded ?? 0) - (silent?.bounded ?? 0)).toBeCloseTo(0.6e-6 * 100 * 3_600);
    expect((pings?.guarded ?? 0) - (pings?.bounded ?? 0)).toBeCloseTo(0.6e-6 * 100 * 3_600);
    // Each of 30 frames is of another connection.
    expect((proofs?.guarded ?? 0) - (proofs?.bounded ?? 0)).toBeCloseTo((1.8 * 0.6) / 30);
  });

  it("is bounded for pushes by the rate of each device: six tries of each, which wait 5 seconds and 9 ms of a processor", () => {
    // 60 and one in 2 seconds, of 10 devices, in each of ten functions.
    const told = (10 * 10 * (60 + 0.5 * 3_600)) / MILLION;
    // Of 256 MB: ceil(5,000 + 62.2) ms.
    const lambda = 0.2 + 5_063_000 * 0.25 * 0.0000133334;
    const tries = 6 * (lambda + 1.5 * 0.125 + 6 * 0.09 + ((86 + 120) / 1_000) * 0.5) + 5;
    const others = (pushes?.bounded ?? Number.NaN) - told * tries;
    // The messages: a unit to write and one to delete each on 10 devices.
    const sent = (1_000 + 50 * 3_600 + 10 * 50 * 60) / MILLION;
    expect(others).toBeGreaterThan(sent * 20 * 0.625 + 0.8 * (junk?.bounded ?? Number.NaN));
    expect(others).toBeLessThan(8);
    // Without the rate each message is told to all 10, whose first tries are one.
    expect(pushes?.without).toBeGreaterThan(1.8 * 51 * 5_000_000 * 0.25 * 0.0000133334);
    expect(pushes?.without).toBeLessThan(1.2 * 1.8 * 51 * 5_000_000 * 0.25 * 0.0000133334);
  });

  it("keeps functions waiting by pushes, as many as docs/costs.md says", () => {
    expect(waitingPushes()).toBeCloseTo((186_000 * 6 * 5) / 3_600);
    const text = readFileSync(new URL("../../docs/costs.md", import.meta.url), "utf8");
    expect(text).toContain(`${waitingPushes().toLocaleString("en")} of them wait at the same time`);
  });

  it("is what S3 sends for the URL of a file, which no function and no firewall sees: 450 GB of a gigabit a second", () => {
    for (const dollars of [shared?.without, shared?.bounded, shared?.guarded])
      expect(dollars).toBeCloseTo(450 * 0.09, 1);
    // Nothing is billed for AccessDenied, and 5,500 requests a second for the other refusals.
    expect(expired?.guarded).toBe(0);
    expect(forged?.guarded).toBeCloseTo(5_500 * 3_600 * 0.4e-6);
  });

  it("stands in docs/costs.md as it is computed (node bench/attacks.ts writes it)", () => {
    expect(presentAttackTable()).toBe(attackTable());
  });
});
