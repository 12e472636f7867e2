import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { knownAddress } from "../../../lib/http/client-address.ts";

const SECRET = "Zk3v9s0Xw1TqYp8LmN2bRc4dEf6gHj7K";
const EDGE = "130.176.0.1";
const CLIENT = "198.51.100.7";

const origin = (forwarded: string | undefined, proof: string | undefined = SECRET, address = EDGE) => ({
  address,
  headers: { "x-forwarded-for": forwarded, "x-gotalk-origin": proof },
});

describe("with CloudFront's proof", () => {
  it.each([
    ["CloudFront's entry alone", CLIENT, CLIENT],
    ["CloudFront's entry, then API Gateway's", `${CLIENT}, ${EDGE}`, CLIENT],
    ["behind what the client made up", `10.0.0.1, 203.0.113.9, ${CLIENT}, ${EDGE}`, CLIENT],
    ["behind what the client made up, without API Gateway's", `10.0.0.1,203.0.113.9,${CLIENT}`, CLIENT],
    ["IPv6", `2001:db8::7, ${EDGE}`, "2001:db8::7"],
    ["no entry", undefined, undefined],
    ["only API Gateway's", EDGE, undefined],
    ["no address", `unknown, ${EDGE}`, undefined],
    ["nothing between commas", `, ,${EDGE}`, undefined],
  ])("it is the entry that CloudFront wrote, or unknown: %s", (_, forwarded, expected) => {
    expect(knownAddress(origin(forwarded), SECRET)).toBe(expected);
  });

  it("whatever the client puts before it", () => {
    const run = fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())), (before) => {
      expect(knownAddress(origin([...before, CLIENT, EDGE].join(", ")), SECRET)).toBe(CLIENT);
    });
    fc.assert(run);
  });
});

describe("without it, what a client says of itself does not count", () => {
  it.each([
    ["no proof", "", SECRET],
    ["another secret", "Zk3v9s0Xw1TqYp8LmN2bRc4dEf6gHj7L", SECRET],
    ["a part of it", SECRET.slice(0, -1), SECRET],
    ["no secret to prove", SECRET, undefined],
    ["an empty one", "", ""],
  ])("%s", (_, proof, secret) => {
    expect(knownAddress(origin(`${CLIENT}, ${EDGE}`, proof), secret)).toBe(EDGE);
  });
});
