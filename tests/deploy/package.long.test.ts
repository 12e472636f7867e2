import { beforeAll } from "vitest";
import { alarmTests } from "./alarms.ts";
import { edgeTests } from "./edge.ts";
import { type Packaged, packageService } from "./packaged.ts";
import { permissionTests } from "./permissions.ts";
import { protectionTests } from "./protection.ts";
import { runningTests } from "./running.ts";
import { templateTests, validatorTests } from "./template.ts";
import { withoutCloudFrontTests } from "./without-cloudfront.ts";

// All of it looks at two packages: to make one takes seconds.
const FUNCTIONS = ["send", "sync", "accounts", "live", "files", "push", "fallback"];

let made: Packaged;
let madeWithout: Packaged;
const packaged = (): Packaged => made;
const packagedWithout = (): Packaged => madeWithout;

beforeAll(async () => {
  made = await packageService();
  madeWithout = await packageService({ CLOUDFRONT: "false" });
});

validatorTests(packaged, "with CloudFront");
validatorTests(packagedWithout, "without CloudFront");

templateTests(packaged, FUNCTIONS);
permissionTests(packaged, FUNCTIONS);
edgeTests(packaged);
alarmTests(packaged, FUNCTIONS);
protectionTests(packaged);
runningTests(packaged, FUNCTIONS);
withoutCloudFrontTests(packagedWithout, packaged);
