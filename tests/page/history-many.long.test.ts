import { describe, it } from "vitest";
import { usePage } from "../support/page/fixture.ts";
import { movesSmoothly } from "./support/history-files.ts";
import { staysSmooth } from "./support/scrolling.ts";

describe("a history of 10,000 messages", () => {
  const page = usePage();

  it("is imported and exported with progress: no task takes more than 100 ms", () => movesSmoothly(page, 10_000));

  it("stays smooth when it is read: no task of the page takes more than 100 ms", () => staysSmooth(page, 10_000));
});
