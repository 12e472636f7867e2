import { expect, test } from "vitest";
import { ownHostNames } from "../../local/own-hosts.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

test("names are kept as browsers write them", () => {
  const names = ownHostNames("Desk.local", " Laptop.LOCAL ,, 192.0.2.1, 2001:DB8:0::1, [2001:db8::2] ");
  const others = ["desk.local", "laptop.local", "192.0.2.1", "[2001:db8::1]", "[2001:db8::2]"];
  expect([...names]).toEqual([...LOOPBACK, ...others]);
});

test.each([undefined, "0.0.0.0", "::"])("the host %s adds no name", (host) => {
  expect([...ownHostNames(host)]).toEqual(LOOPBACK);
});

test.each(["http://laptop.local", "laptop.local:9000", "laptop.local;desk.local", "*.local", "a b"])(
  "%s is refused at the start: it would name no host",
  (name) => {
    expect(() => ownHostNames(undefined, `desk.local,${name}`)).toThrow(
      `GOTALK_HOSTS has ${name}, which is no host name.`,
    );
  },
);
