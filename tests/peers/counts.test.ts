import { expect, it } from "vitest";
import { Ledger } from "../support/ledger.ts";
import { countsOf } from "./counts.ts";

it("the comparison counts each kind of fault that the ledger names", () => {
  const ledger = new Ledger();
  const numbers = Array.from({ length: 9 }, (_, number) => `m${number}`);
  for (const name of numbers) {
    ledger.begin({ name, sender: "a", content: name });
    ledger.accept(name);
  }
  ledger.begin({ name: "never accepted", sender: "a", content: "never accepted" });
  const deliver = (name: string, redelivered = false) => ledger.deliver({ name, content: name, redelivered });
  // m0 is lost, m1 and m2 come late, m3 looks like a repeat, and the later ones come again.
  deliver("m3", true);
  for (const name of numbers.slice(1)) if (name !== "m3") deliver(name);
  for (const name of ["m4", "m5", "m6"]) deliver(name);
  for (const name of ["m5", "m6", "m7", "m8"]) deliver(name, true);
  for (const name of ["x0", "x1", "x2", "x3", "x4"]) deliver(name);
  expect(countsOf(ledger)).toEqual({
    sent: 9,
    lost: 1,
    outOfOrder: 2,
    newFlagged: 1,
    repeated: 3,
    repeatedFlagged: 4,
    foreign: 5,
  });
});
