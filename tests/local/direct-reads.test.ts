import { Level } from "level";
import { expect, onTestFinished, test, vi } from "vitest";
import { readDirectly } from "../../local/direct-reads.ts";
import { temporaryFolder } from "../support/folders.ts";

test("a record is read in the thread of its reader, and one that is missing is undefined", async () => {
  readDirectly();
  const store = new Level<string, object>(temporaryFolder(), { valueEncoding: "json" });
  onTestFinished(() => store.close());
  await store.put("äö", { text: "a record" });
  const direct = vi.spyOn(Level.prototype as unknown as { _getSync(): unknown }, "_getSync");
  onTestFinished(() => direct.mockRestore());
  expect(await store.get("äö")).toEqual({ text: "a record" });
  expect(await store.get("missing")).toBe(undefined);
  expect(direct).toHaveBeenCalledTimes(2);
  await store.close();
  await expect(store.get("äö")).rejects.toMatchObject({ code: "LEVEL_DATABASE_NOT_OPEN" });
});
