import { expect, it } from "vitest";
import { listedDevices } from "../../../lib/accounts/device-list.ts";
import { device, dormant, ending, leavingTo, mapOf, shared } from "../../support/example-devices.ts";

/** The day of `example-devices.ts`. */
const lastSeen = "2026-05-10";

it("lists the devices in use, the oldest first, with what tells them apart", () => {
  const map = mapOf(device("laptop", 90, { seen: device("laptop", 90).seen - 1 }), device("phone", 60), shared(30));
  const names = new Map([
    ["laptop", { name: "Laptop", userAgent: "Mozilla/5.0" }],
    ["gone", { name: "Of a device that has left", userAgent: "" }],
  ]);
  expect(listedDevices(map, names, "phone")).toEqual([
    {
      deviceId: "laptop",
      name: "Laptop",
      userAgent: "Mozilla/5.0",
      lastSeen: "2026-05-09",
      current: false,
      shared: false,
    },
    { deviceId: "phone", name: "", userAgent: "", lastSeen, current: true, shared: false },
    { deviceId: "shared", name: "", userAgent: "", lastSeen, current: false, shared: true },
  ]);
});

it("lists none that is dormant, or has to leave", () => {
  const heir = device("heir", 5);
  const map = mapOf(dormant("before", 90), leavingTo(heir, "leaving", 60), ending("ending", 30), heir);
  expect(listedDevices(map, new Map(), undefined)).toMatchObject([{ deviceId: "heir", current: false }]);
});
