import { expect, it } from "vitest";
import { clear } from "./own-environment.ts";

const FOREIGN = [
  "AWS_PROFILE",
  "HTTPS_PROXY",
  "no_proxy",
  "FORCE_COLOR",
  "PORT",
  "GOTALK_DATA",
  "REGISTRATION",
  "BUDGET",
];
const KEPT = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "NODE_OPTIONS", "CHROME_PATH", "FIREFOX_PATH", "TEST_ENGINES"];

it("what a developer has set for other programs reaches no test, and what the tests need does", () => {
  const environment = Object.fromEntries([...FOREIGN, ...KEPT].map((name) => [name, "of the shell"]));
  clear(environment);
  expect(Object.keys(environment)).toEqual(KEPT);
});
