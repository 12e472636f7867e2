import { BlockList, SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { originOf } from "../../../lib/accounts/login-origin.ts";

const isSame = (one: string, other: string): boolean => originOf("ann", one) === originOf("ann", other);

describe("where a login comes from", () => {
  it.each([
    ["an IPv4 address and itself", "198.51.100.7", "198.51.100.7", true],
    ["two IPv4 addresses", "198.51.100.7", "198.51.100.8", false],
    ["an IPv4 address and the same in IPv6", "198.51.100.7", "::ffff:198.51.100.7", true],
    ["an IPv4 address and the same in IPv6, in hexadecimal", "198.51.100.7", "::FFFF:c633:6407", true],
    ["two IPv4 addresses in IPv6", "::ffff:198.51.100.7", "::ffff:198.51.100.8", false],
    ["an IPv4 address and one that only ends like it", "198.51.100.7", "64:ff9b::198.51.100.7", false],
    ["two addresses of one /64", "2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff", true],
    ["the same in the long form", "2001:db8::", "2001:0db8:0000:0000:0000:0000:0000:0001", true],
    ["two /64s that differ in their last bit", "2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["two /64s behind zeros", "2001:0:0:1:2:3:4:5", "2001:0:0:2:2:3:4:5", false],
    ["two /64s of the same digits", "2001:db8:1:23::", "2001:db8:12:3::", false],
    ["two addresses that only begin like an IPv4 one in IPv6", "::ffff:1:2:3", "::ffff:1:2:4", true],
    ["zeros at the beginning, left out and not", "0:0:1:2::", "0:0:1:2:3:4:5:6", true],
    ["zeros in another place", "2001:db8:1::1:0:0:1", "2001:db8:0:1::1", false],
  ])("%s", (_, one, other, expected) => {
    expect(isSame(one, other)).toBe(expected);
  });

  it("is the /64 of every IPv6 address", () => {
    const group = fc.constantFrom("0", "0", "1", "ffff", "2001", "ab0");
    const address = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(":"));
    const short = (long: string): string => new SocketAddress({ address: long, family: "ipv6" }).address;
    const run = fc.property(fc.oneof(address, fc.ipV6()), address, (one, other) => {
      fc.pre(!/^::ffff:\d+\./.test(short(one)) && !/^::ffff:\d+\./.test(short(other)));
      const network = new BlockList();
      network.addSubnet(one, 64, "ipv6");
      expect(isSame(one, other)).toBe(network.check(other, "ipv6"));
      expect(isSame(one, short(one))).toBe(true);
    });
    fc.assert(run, { numRuns: 500 });
  });

  it("is another for each user, and tells neither of the two", () => {
    const origin = originOf("ann", "198.51.100.7");
    expect(origin).not.toBe(originOf("bob", "198.51.100.7"));
    expect(origin).toMatch(/^[\w-]{43}$/);
  });

  it.each(["unknown", ""])("takes what is no address as it is: %j", (address) => {
    expect(isSame(address, address)).toBe(true);
    expect(isSame(address, "198.51.100.7")).toBe(false);
  });
});
