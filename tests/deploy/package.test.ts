import { beforeAll } from "vitest";
import { alarmTests } from "./alarms.ts";
import { edgeTests } from "./edge.ts";
import { type Packaged, packageService } from "./packaged.ts";
import { permissionTests } from "./permissions.ts";
import { protectionTests } from "./protection.ts";
import { runningTests } from "./running.ts";
import { templateTests } from "./template.ts";

// All of it looks at one package: to make one takes seconds.
const FUNCTIONS = ["send", "sync", "accounts", "live", "fallback"];

let made: Packaged;
const packaged = (): Packaged => made;

beforeAll(async () => {
  made = await packageService();
}, 300_000);

templateTests(packaged, FUNCTIONS);
permissionTests(packaged, FUNCTIONS);
edgeTests(packaged);
alarmTests(packaged, FUNCTIONS);
protectionTests(packaged);
runningTests(packaged, FUNCTIONS);
