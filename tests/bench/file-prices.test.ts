import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { filePriceTable, millionPictures } from "../../bench/file-prices.ts";

describe("what files cost", () => {
  it("is mostly what S3 sends: 300 GB at its list price", () => {
    const { down, kept, all } = millionPictures(30);
    expect(down).toBeGreaterThan(300 * 0.09);
    expect(kept).toBeCloseTo(300 * 0.023, 6);
    expect(300 * 0.09).toBeGreaterThan(all / 2);
  });

  it("stands in docs/costs.md as it is computed (node bench/file-prices.ts writes it)", () => {
    expect(readFileSync(new URL("../../docs/costs.md", import.meta.url), "utf8")).toContain(filePriceTable());
  });
});
