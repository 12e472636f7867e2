import { expect, test } from "vitest";
import { Slots } from "../../local/slots.ts";
import { WAIT } from "../support/eventually.ts";

test("no more work goes on at once than there are slots, and whoever waits comes first", async () => {
  const slots = new Slots(2);
  const doors = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const work = doors.map(({ promise }, index) =>
    slots.use(() => {
      begun.push(index);
      return promise;
    }),
  );
  await expect.poll(() => begun, WAIT).toEqual([0, 1]);
  doors[1]?.resolve();
  await expect.poll(() => begun, WAIT).toEqual([0, 1, 2]);
  doors[0]?.resolve();
  doors[2]?.resolve();
  await expect.poll(() => begun, WAIT).toEqual([0, 1, 2, 3, 4]);
  doors[3]?.resolve();
  doors[4]?.resolve();
  await Promise.all(work);
});

test("work that fails frees its slot", async () => {
  const slots = new Slots(1);
  await expect(slots.use(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  await expect(slots.use(async () => "done")).resolves.toBe("done");
});
