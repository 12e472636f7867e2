import type { LookupAddress } from "node:dns";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { Endpoints, PrivateAddress } from "../../../lib/push/endpoints.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";

const found =
  (...addresses: string[]) =>
  async (): Promise<LookupAddress[]> =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
const failing = (code: string) => async () => {
  throw Object.assign(new Error(code), { code });
};

const PUBLIC = ["8.8.8.8", "1.1.1.1", "142.250.185.106", "2a00:1450:4001:81b::200a", "2600:1901:0:38d7::"];

/** What stands for each range that is no public internet, its ends included. */
const PRIVATE: Readonly<Record<string, readonly string[]>> = {
  "this network": ["0.0.0.0", "0.255.255.255"],
  loopback: ["127.0.0.1", "127.1.2.3", "127.255.255.255", "::1"],
  "RFC 1918": ["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"],
  "carrier-grade NAT": ["100.64.0.0", "100.127.255.255"],
  "link-local, with the clouds' own addresses": [
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",
    "fe80::1",
    "febf::1",
  ],
  "protocols and documentation": ["192.0.0.8", "192.0.2.1", "198.51.100.1", "203.0.113.255", "2001:db8::1", "3fff::1"],
  benchmarks: ["198.18.0.0", "198.19.255.255", "2001:2::1"],
  "relays and anycast of others": ["192.88.99.1", "192.31.196.1", "192.52.193.1", "192.175.48.1", "2620:4f:8000::1"],
  multicast: ["224.0.0.1", "239.255.255.255", "ff02::1"],
  "reserved and broadcast": ["240.0.0.1", "255.255.255.255"],
  unspecified: ["::"],
  "unique local": ["fc00::1", "fd12:3456::1", "fd00:ec2::254"],
  "site-local": ["fec0::1"],
  "IPv4-mapped": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1"],
  "IPv4-compatible": ["::127.0.0.1"],
  NAT64: ["64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"],
  "6to4 and Teredo": ["2002:7f00:1::1", "2002:a9fe:a9fe::1", "2001:0:1::1"],
  "what is given to nobody": ["4000::1", "1000::1", "5f00::1", "100::1"],
};

const inUrl = (address: string): string => (address.includes(":") ? `[${address}]` : address);

describe("endpoints of push services", () => {
  it.each(PUBLIC)("may be at %s", async (address) => {
    const endpoints = new Endpoints(false, found(address));
    await expect(endpoints.require(`https://${inUrl(address)}/p`)).resolves.toBeUndefined();
    await expect(endpoints.require("https://push.example/p")).resolves.toBeUndefined();
  });

  describe.each(Object.entries(PRIVATE))("%s", (_, addresses) => {
    it.each(addresses)("%s is refused in a URL", async (address) => {
      const endpoints = new Endpoints(false, found("8.8.8.8"));
      await expect(endpoints.require(`https://${inUrl(address)}/p`)).rejects.toMatchObject({ code: "invalid_request" });
    });

    it.each(addresses)("%s is refused where a name has it, be it beside a public one", async (address) => {
      for (const all of [[address], ["8.8.8.8", address], [address, "8.8.8.8"]]) {
        const endpoints = new Endpoints(false, found(...all));
        await expect(endpoints.require("https://push.example/p")).rejects.toMatchObject({
          code: "invalid_request",
          message: expect.stringContaining("push.example"),
        });
        await expect(endpoints.addressesOf("push.example")).rejects.toThrow(PrivateAddress);
      }
    });
  });

  it.each([
    ["a decimal number", "https://2130706433/"],
    ["hexadecimal digits", "https://0x7f000001/"],
    ["octal digits", "https://0177.0.0.1/"],
    ["fewer parts", "https://127.1/"],
    ["wide digits", "https://１２７.0.0.1/"],
    ["percent signs", "https://127%2e0.0.1/"],
    ["a dot at its end", "https://127.0.0.1./"],
    ["a mapped address in hexadecimal digits", "https://[::ffff:a00:1]/"],
  ])("refuses loopback written with %s", async (_, url) => {
    await expect(new Endpoints(false, found("8.8.8.8")).require(url)).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it.each([
    ["plain HTTP", "http://push.example/p"],
    ["another scheme", "ftp://push.example/p"],
    ["another port", "https://push.example:8443/p"],
    ["a name and password", "https://me:secret@push.example/p"],
    ["no host", "https:///"],
    ["no URL", "push.example/p"],
    ["nothing", ""],
    ["too many characters", `https://push.example/${"p".repeat(LIMITS.push.endpointCharacters)}`],
  ])("refuses %s without a look-up", async (_, url) => {
    const looked: string[] = [];
    const endpoints = new Endpoints(false, async (host) => {
      looked.push(host);
      return found("8.8.8.8")();
    });
    await expect(endpoints.require(url)).rejects.toMatchObject({
      code: "invalid_request",
      members: { errors: [{ field: "endpoint", detail: expect.any(String) }] },
    });
    expect(looked).toEqual([]);
  });

  it("takes the longest that it may", async () => {
    const start = "https://push.example/";
    const longest = start + "p".repeat(LIMITS.push.endpointCharacters - start.length);
    await expect(new Endpoints(false, found("8.8.8.8")).require(longest)).resolves.toBeUndefined();
  });

  it("says that a name does not exist, or has no address", async () => {
    await expect(new Endpoints(false, failing("ENOTFOUND")).require("https://push.example")).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("does not exist"),
    });
    await expect(new Endpoints(false, found()).require("https://push.example")).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it("wants the request again where the resolver fails", async () => {
    await expect(new Endpoints(false, failing("EAI_AGAIN")).require("https://push.example")).rejects.toThrow(
      Unavailable,
    );
  });

  it("wants the request again where the resolver does not answer in time, and waits no longer than it has to", async () => {
    vi.useFakeTimers();
    try {
      const outcome = vi.fn();
      const never = new Endpoints(false, () => new Promise(() => undefined));
      never.require("https://push.example").catch(outcome);
      await vi.advanceTimersByTimeAsync(LIMITS.push.lookUpTime - 1);
      expect(outcome).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(outcome).toHaveBeenCalledWith(expect.any(Unavailable));

      await new Endpoints(false, found("8.8.8.8")).require("https://push.example");
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("resolves again for each connection, and gives it the addresses that were checked", async () => {
    let now = ["8.8.8.8", "1.1.1.1"];
    const { lookup } = new Endpoints(false, async () => found(...now)());
    const lookUp = promisify<string, object, unknown>(lookup as never);
    expect(await lookUp("push.example", { all: true })).toEqual(await found(...now)());
    now = ["10.0.0.1"];
    await expect(lookUp("push.example", { all: true })).rejects.toThrow(PrivateAddress);
  });

  it("allows this machine in a local stack that says so, by its address alone", async () => {
    const local = new Endpoints(true, found("127.0.0.1"));
    await expect(local.require("https://127.0.0.1:8443/p")).resolves.toBeUndefined();
    for (const other of ["http://127.0.0.1/p", "https://localhost/p", "https://127.0.0.2/p", "https://[::1]/p"]) {
      await expect(local.require(other), other).rejects.toMatchObject({ code: "invalid_request" });
    }
  });
});
