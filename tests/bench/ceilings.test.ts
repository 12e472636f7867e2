import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ceilings, ceilingTable, presentCeilingTable } from "../../bench/ceilings.ts";
import { throttles } from "../../bench/throttles.ts";

const DOCUMENTS = readdirSync(new URL("../../docs", import.meta.url))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);

describe("how many users the throttles hold", () => {
  it("is their rate over the requests of one user of the price model", async () => {
    const [woken, adaptive, eachSecond] = await ceilings();
    expect(eachSecond).toMatchObject({ route: "`POST /sync`", perSecond: 1, users: throttles().anyRoute });
    for (const { users, perSecond } of [woken, adaptive].filter((one) => one !== undefined)) {
      expect(users * perSecond).toBeCloseTo(throttles().anyRoute);
    }
    // At least the syncs that hand out 100 messages and those that settle them; at most one in 5 minutes besides, and
    // twelve after each of 20 conversations, as the interval grows from 5 s by half.
    expect(woken?.perSecond).toBeGreaterThan(200 / 86_400);
    expect(woken?.perSecond).toBeLessThan((200 + 2 * 288 + 20 * 12) / 86_400);
  });

  it("stands in docs/api.md as it is computed (node bench/ceilings.ts writes it)", async () => {
    expect(presentCeilingTable()).toBe(await ceilingTable());
  });

  it("stands nowhere else: no number of clients or users that nobody computes", () => {
    for (const path of [...DOCUMENTS, "deploy/apis.yml", "README.md", "SECURITY.md", "lib/contract/limits.ts"]) {
      const text = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8").replace(presentCeilingTable(), "");
      expect(text.match(/\d[\d,]*,\d{3} (clients|connections|users|people)\b/g), path).toBeNull();
    }
  });
});
