import { expect, test } from "vitest";
import { start } from "./stacks.ts";

test("a function that cannot load is answered 500 without a word of why, which the terminal says; the page is served", async () => {
  const { url, output } = await start({ env: { SEND_BURST: "nonsense" } });
  const response = await fetch(`${url}/send`, { method: "POST", body: "{}" });
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ message: "Internal Server Error" });
  expect(output()).toContain("SEND_BURST must be a whole number above 0");
  expect((await fetch(url)).status).toBe(200);
});
