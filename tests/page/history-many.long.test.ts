import { describe, expect, it } from "vitest";
import { usePage } from "../support/page/fixture.ts";
import { movesSmoothly } from "./support/history-files.ts";
import { bringMany } from "./support/moves.ts";
import { opensFast } from "./support/opening.ts";
import { keepsItsPlace, staysSmooth } from "./support/scrolling.ts";

describe("a history of 10,000 messages", () => {
  const page = usePage();

  it("is imported and exported with progress: no task takes more than 100 ms", () => movesSmoothly(page, 10_000));

  it("is brought to another device part by part: the page takes less than 48 MB for it", async () => {
    const { uploaded, parts, uploading, bringing } = await bringMany(page, 10_000);
    const most = `at most ${uploading} and ${bringing} bytes of memory`;
    console.info(`10,000 messages: ${uploaded} bytes uploaded in ${parts} parts; ${most}`);
    expect(Math.max(uploading, bringing)).toBeLessThan(48_000_000);
    expect(uploaded).toBeLessThan(2_000_000);
  });

  it("stays smooth when it is read: no task of the page takes more than 100 ms", () => staysSmooth(page, 10_000));

  it("opens in 200 ms of the processor with 2,000 edits and reactions, and is deleted in short tasks", () =>
    opensFast(page, 10_000));
});

describe("a reader far up", () => {
  const page = usePage();

  it("keeps their place while 500 messages arrive and while older ones load, and loses none of them", () =>
    keepsItsPlace(page, 500));
});
