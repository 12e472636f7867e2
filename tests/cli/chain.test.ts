import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { Chain } from "../../cli/chain.ts";
import { temporaryFolder } from "../support/folders.ts";
import { ME, own } from "../support/messages.ts";

/** A state folder of its own. @returns the folder of the chains */
function stateFolder(): string {
  const folder = temporaryFolder();
  vi.stubEnv("XDG_CONFIG_HOME", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  mkdirSync(join(folder, "gotalk"));
  return join(folder, "gotalk");
}

const set = (messageId: string, hidesRead: boolean) => own(messageId, { [ME]: { hidesRead } });

it("a chain keeps the user's setting of read receipts for the next process", () => {
  stateFolder();
  const chain = new Chain(ME);
  expect(chain.tellsRead).toBe(true);
  chain.hear(set("2", true));
  expect(chain.tellsRead).toBe(false);
  // An earlier one that comes late, and one that is begun before the next state is saved.
  chain.hear(set("1", false));
  chain.begin(set("2", true), 1);
  chain.save(chain.state);
  chain.release();
  const next = new Chain(ME);
  expect(next.tellsRead).toBe(false);
  next.hear(set("3", false));
  expect(next.tellsRead).toBe(true);
});

it("a chain follows the later setting of those that all processes of the user have got", () => {
  const folder = stateFolder();
  const chain = new Chain(ME);
  chain.hear(set("1", false));
  const other = { receipt: "r", recent: [], readSetting: { hides: true, messageId: "2" } };
  writeFileSync(join(folder, `inbox.${ME}.elsewhere.1.0.json`), JSON.stringify(other));
  expect(chain.tellsRead).toBe(false);
  chain.hear(set("3", false));
  expect(chain.tellsRead).toBe(true);
});
