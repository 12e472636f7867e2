import { beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Request } from "../../../lib/http/http.ts";
import { AddressLimit } from "../../../lib/rates/address-limit.ts";
import { GoTalkError, InvalidToken } from "../../../lib/runtime/errors.ts";
import { problem } from "../../support/problems.ts";

const SECRET = "what-CloudFront-and-the-functions-share";
const EDGE = "130.176.0.1";
const BURST = 30;

describe("AddressLimit", () => {
  let now = Date.UTC(2026, 2, 1);
  let limit: AddressLimit;
  beforeEach(() => {
    limit = new AddressLimit({ burst: BURST, perSecond: 10 }, SECRET, () => now);
  });

  const from = (address: string, headers: Request["headers"] = {}) => ({ address, headers }) as Request;
  const throughCloudFront = (forwarded: string) =>
    from(EDGE, { "x-gotalk-origin": SECRET, "x-forwarded-for": forwarded });

  const done = { status: 204 };
  const refuse = (error: Error) => limit.guard(() => Promise.reject(error));
  const invalid = (request: Request) => refuse(new InvalidToken())(request).catch((error: unknown) => error);
  const hash = (request: Request) =>
    limit.guard(async (_, network) => {
      limit.consumeHash(network);
      return done;
    })(request);

  const useUp = async (request: Request): Promise<void> => {
    for (let shown = 0; shown < BURST; shown++) expect(await invalid(request)).toBeInstanceOf(InvalidToken);
  };

  it("answers 401 to invalid tokens, then 429 with the time to wait, then 401 again", async () => {
    const request = from("198.51.100.7");
    await useUp(request);
    expect(await invalid(request)).toMatchObject({ status: 429, code: "too_many_requests", retryAfter: 1 });
    now += 100;
    expect(await invalid(request)).toBeInstanceOf(InvalidToken);
    expect(await invalid(request)).toEqual(problem("too_many_requests"));
  });

  it("never refuses a valid token for its address, and counts no other refusal", async () => {
    const request = from("198.51.100.7");
    for (let asked = 0; asked < 2 * BURST; asked++)
      await refuse(new GoTalkError("forbidden", { detail: "" }))(request).catch(() => undefined);
    await useUp(request);
    expect(await invalid(request)).toEqual(problem("too_many_requests"));
    expect(await limit.guard(async () => done)(request)).toBe(done);
    await expect(refuse(new GoTalkError("forbidden", { detail: "" }))(request)).rejects.toThrow(problem("forbidden"));
  });

  it("counts a hash of a password as several, and refuses it before it is made", async () => {
    const request = from("198.51.100.7");
    for (let hashes = 0; hashes < BURST / LIMITS.address.hash; hashes++) expect(await hash(request)).toBe(done);
    await expect(hash(request)).rejects.toMatchObject({ code: "too_many_requests", retryAfter: 1 });
    expect(await invalid(request)).toEqual(problem("too_many_requests"));
  });

  it("lets a user who shows an earlier login hash though the address has used up its own, as often as an address may", async () => {
    const request = from("198.51.100.7");
    await useUp(request);
    const hashOf = (userId: string) =>
      limit.guard(async (_, network) => {
        limit.consumeHash(network, userId);
        return done;
      })(request);
    for (let hashes = 0; hashes < BURST / LIMITS.address.hash; hashes++) expect(await hashOf("ann")).toBe(done);
    await expect(hashOf("ann")).rejects.toMatchObject({ code: "too_many_requests", retryAfter: 1 });
    expect(await hashOf("bob")).toBe(done);
    await expect(hash(request)).rejects.toThrow(problem("too_many_requests"));
  });

  it("counts the hashes of such a user for the address once its own are used up", async () => {
    const request = from("198.51.100.7");
    const hashOf = limit.guard(async (_, network) => {
      limit.consumeHash(network, "ann");
      return done;
    });
    for (let hashes = 0; hashes < (2 * BURST) / LIMITS.address.hash; hashes++) expect(await hashOf(request)).toBe(done);
    await expect(hashOf(request)).rejects.toThrow(problem("too_many_requests"));
    await expect(hash(request)).rejects.toThrow(problem("too_many_requests"));
  });

  it.each([
    ["another IPv4 address", "198.51.100.7", "198.51.100.8", false],
    ["the same address in IPv6", "198.51.100.7", "::ffff:198.51.100.7", true],
    ["another address of the same /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true],
    ["an address of another /64", "2001:db8:1:2::1", "2001:db8:1:3::1", false],
  ])("takes %s for what it is", async (_, one, other, isSame) => {
    await useUp(from(one));
    expect(await invalid(from(other))).toEqual(problem(isSame ? "too_many_requests" : "invalid_token"));
  });

  it.each([
    ["X-Forwarded-For", { "x-forwarded-for": "203.0.113.1" }],
    ["a proof of its own making", { "x-forwarded-for": "203.0.113.1", "x-gotalk-origin": "made-up" }],
    ["other headers", { "x-real-ip": "203.0.113.1", forwarded: "for=203.0.113.1", "cf-connecting-ip": "203.0.113.1" }],
  ])("does not believe %s", async (_, headers) => {
    await useUp(from("198.51.100.7"));
    expect(await invalid(from("198.51.100.7", headers))).toEqual(problem("too_many_requests"));
    await expect(hash(from("198.51.100.7", headers))).rejects.toThrow(problem("too_many_requests"));
  });

  it("believes CloudFront alone, and of what it passes on its own entry", async () => {
    await useUp(throughCloudFront("198.51.100.7"));
    const forged = throughCloudFront(`203.0.113.1, 198.51.100.7, ${EDGE}`);
    expect(await invalid(forged)).toEqual(problem("too_many_requests"));
    await expect(hash(forged)).rejects.toThrow(problem("too_many_requests"));
    expect(await hash(throughCloudFront("198.51.100.8"))).toBe(done);
  });

  it("tells the route the client's address, also where it is called through CloudFront", async () => {
    const addresses: string[] = [];
    const route = limit.guard(async ({ address }) => {
      addresses.push(address);
      return done;
    });
    for (const request of [from("198.51.100.7"), throughCloudFront("198.51.100.8"), throughCloudFront("unknown")]) {
      await route(request);
    }
    expect(addresses).toEqual(["198.51.100.7", "198.51.100.8", EDGE]);
  });

  it("bounds nobody where it knows CloudFront's address alone: that stands for everybody", async () => {
    for (let asked = 0; asked < 2 * BURST; asked++) {
      expect(await invalid(throughCloudFront("unknown"))).toBeInstanceOf(InvalidToken);
      expect(await hash(throughCloudFront("unknown"))).toBe(done);
    }
  });
});
