import { describe, expect, it } from "vitest";
import { abuseTable, attacks, presentAbuseTable } from "./abuse.ts";

const MILLION = 1e6;

/*
 * The figures below were worked out by hand from the list prices: in an hour of 500 requests a second are 1.8 million.
 */
describe("what an attacker can cost in an hour", () => {
  const [replays, held, logins, junk] = attacks();

  it("is what a flood of refusals costs at least: each passes CloudFront, API Gateway, a function and the logs", () => {
    // Requests 1 + 1 + 0.2, 500 bytes of traffic, ceil(3.46) = 4 ms of 0.5 GB, logs and traces.
    const million = 2.2 + 0.0425 + 4_000 * 0.5 * 0.0000133334 + 0.75 * 0.5 + 0.05 * 5;
    expect(junk?.bounded).toBeCloseTo(1.8 * million, 1);
  });

  it("was hundreds of dollars by replays: 2.4 MB of traffic, five parts of a request, and a page each", () => {
    const megabytes = 24 * 98_524 + 200;
    const traffic = (1.8 * MILLION * megabytes * 0.085) / 1e9;
    const pages = 1.8 * 257.5 * 0.125;
    expect(replays?.without).toBeGreaterThan(traffic + pages + 1.8 * 5);
    expect(replays?.without).toBeLessThan(1.05 * (traffic + pages + 1.8 * 5));
  });

  it("is little more than the refusals by now", () => {
    for (const attack of [replays, held]) {
      expect(attack?.bounded).toBeGreaterThan(junk?.bounded ?? Number.NaN);
      expect(attack?.bounded).toBeLessThan(1.25 * (junk?.bounded ?? Number.NaN));
    }
    expect(logins?.bounded).toBeLessThan(0.6 * (logins?.without ?? Number.NaN));
  });

  it("stands in the README as it is computed (node tests/bench/abuse.ts writes it)", () => {
    expect(presentAbuseTable()).toBe(abuseTable());
  });
});
