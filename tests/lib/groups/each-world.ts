import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { User } from "../../../lib/channel/profiles.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { TestEngine } from "../../support/engines.ts";
import { GroupWorld } from "./group-world.ts";

/** Of whom a test needs some: ann, bob, carol and dave. */
type People = [ann: User, bob: User, carol: User, dave: User];

/**
 * Gives each test of a block a world of its own, with four users, on one engine that is there as long as the block runs. The bounds
 * that a test has set are as before after it.
 *
 * @param begin Takes the world and its users, before each test.
 */
export function eachWorld(
  start: () => Promise<TestEngine>,
  begin: (world: GroupWorld, people: People) => unknown,
): void {
  let engine: TestEngine | undefined;
  const bounds = [LIMITS.groups, LIMITS.send].map((limits) => [limits, { ...limits }] as const);
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine?.stop());
  beforeEach(async () => {
    if (engine === undefined) throw new Error("the engine has not started");
    const world = new GroupWorld(engine);
    begin(world, (await world.newUsers(4)) as People);
  });
  afterEach(() => {
    for (const [limits, before] of bounds) Object.assign(limits, before);
  });
}
