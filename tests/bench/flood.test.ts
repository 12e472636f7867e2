import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { floods } from "./flood.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const dollars = (amount: number): string => amount.toFixed(2);

describe("what a flood costs", () => {
  it.each(floods())("is in the README: $what", ({ what, perSecond, anHour, guarded }) => {
    expect(readme).toContain(`| ${what}, ${perSecond} a second | ${dollars(anHour)} | ${dollars(guarded)} |`);
  });

  it("is bounded by the firewall where it looks, and not where it does not", () => {
    const [requests, logins, silent, pings] = floods();
    expect(requests?.guarded).toBeLessThan((requests?.anHour ?? 0) / 2);
    expect(logins?.guarded).toBeLessThan((logins?.anHour ?? 0) / 5);
    // As many as the rule lets pass are opened anyway; looking at them is what it adds.
    expect((silent?.guarded ?? 0) - (silent?.anHour ?? 0)).toBeCloseTo(0.6e-6 * 100 * 3_600);
    expect(pings?.guarded).toBe(pings?.anHour);
  });
});
