import { describe, expect, it } from "vitest";
import type { Device, DeviceMap } from "../../../lib/devices/device-map.ts";
import { type Sent, targetsOf } from "../../../lib/devices/targets.ts";
import { device, dormant, ending, leavingTo, mapOf, shared, TODAY } from "../../support/example-devices.ts";

const names = (devices: readonly Device[]): (string | undefined)[] => devices.map(({ channel }) => channel);

/** The channels that a message is put on. */
function targets(sent: Partial<Sent> & { readonly receiver: DeviceMap }) {
  const { receiver, own } = targetsOf({
    sender: undefined,
    senderChannel: undefined,
    ...sent,
  });
  return { receiver: names(receiver), own: names(own) };
}

const one = mapOf(device("only", 9));
const unseen = (name: string, minutes: number, days: number): Device => device(name, minutes, { seen: TODAY - days });

describe("a message", () => {
  it("goes to each device of the receiver, a shared, a dormant and an ending one included", () => {
    const receiver = mapOf(dormant("dormant", 9), ending("ending", 8), shared(7), device("phone", 6));
    expect(targets({ receiver })).toEqual({ receiver: ["dormant", "ending", "shared", "phone"], own: [] });
  });

  it("does not go to one that is leaving", () => {
    const heir = device("heir", 5);
    expect(targets({ receiver: mapOf(leavingTo(heir, "leaving", 9), heir) }).receiver).toEqual(["heir"]);
  });

  it("goes to those as well that were not seen for long: they get it until they have left", () => {
    const receiver = mapOf(unseen("old", 8, 400), shared(7, { seen: TODAY - 400 }), unseen("phone", 5, 40));
    expect(targets({ receiver }).receiver).toEqual(["old", "shared", "phone"]);
  });
});

describe("an own copy", () => {
  const sender = mapOf(device("laptop", 9), shared(8), device("phone", 7), dormant("dormant", 6));

  it("goes to the sender's other personal devices, never to the shared one", () => {
    expect(targets({ receiver: one, sender, senderChannel: "laptop" })).toEqual({
      receiver: ["only"],
      own: ["phone", "dormant"],
    });
  });

  it("of a message from the shared device goes to all personal ones", () => {
    const { own } = targets({ receiver: one, sender, senderChannel: "shared" });
    expect(own).toEqual(["laptop", "phone", "dormant"]);
  });

  it("goes to none that is leaving", () => {
    const phone = device("phone", 5);
    const others = mapOf(leavingTo(phone, "leaving", 9), device("laptop", 8), phone);
    expect(targets({ receiver: one, sender: others, senderChannel: "laptop" }).own).toEqual(["phone"]);
  });

  it("tells the user's first channel, which has no name, from the others", () => {
    const first = mapOf(device("laptop", 9, { channel: undefined }), device("phone", 7));
    expect(targets({ receiver: one, sender: first, senderChannel: undefined }).own).toEqual(["phone"]);
    expect(targets({ receiver: one, sender: first, senderChannel: "phone" }).own).toEqual([undefined]);
  });
});
