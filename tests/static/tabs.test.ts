import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type TabEvent, Tabs } from "../../static/src/chat/tabs.ts";

const FAULT = new Error("a fault of a listener");

let one: Tabs;
let other: Tabs;
let reported: unknown[];

beforeEach(() => {
  reported = [];
  vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
  [one, other] = [new Tabs("bob"), new Tabs("bob")];
});
afterEach(() => {
  one.close();
  other.close();
  vi.unstubAllGlobals();
});

it("tell every listener of every tab, also where the first one fails, and report its fault", async () => {
  const told: TabEvent[] = [];
  one.listen(() => {
    throw FAULT;
  });
  one.listen((event) => told.push(event));
  const elsewhere = new Promise<TabEvent>((resolve) => other.listen(resolve));
  one.emit({ type: "changed" });
  expect(told).toEqual([{ type: "changed" }]);
  expect(await elsewhere).toEqual({ type: "changed" });
  expect(reported).toEqual([FAULT]);
});
