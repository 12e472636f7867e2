import fc, { type Arbitrary, type Parameters, type RunDetails } from "fast-check";
import type { TestEngine } from "../../support/engines.ts";
import { type Order, orders } from "../orders.ts";
import type { Tally } from "../tally.ts";
import { DeviceWorld } from "./device-world.ts";
import { countedBytes, withChances } from "./same-chances.ts";

/** Where the clock begins: noon of a day. */
const NOON = Date.UTC(2026, 4, 10, 12);

/** What is proved of a world of users and devices. */
interface WorldProof<Plan> {
  readonly plans: Arbitrary<Plan>;
  /** The limits are constants for the system; only here a short run must come to them. @returns what puts them back */
  setBounds(plan: Plan): () => void;
  /** Everybody acts as the scheduler decides, and comes to rest. Then the ledger must agree. */
  act(world: DeviceWorld, plan: Plan): Promise<void>;
}

/**
 * Runs random interleavings on one engine.
 *
 * @param onRun Called after each run that held.
 */
export function proveWorld<Plan extends { readonly bursts: readonly number[] }>(
  { plans, setBounds, act }: WorldProof<Plan>,
  engine: TestEngine,
  parameters: Parameters<[Order, Plan]>,
  onRun: (tally: Tally) => void = () => {},
): Promise<RunDetails<[Order, Plan]>> {
  const property = fc.asyncProperty(orders, plans, async (order, plan) => {
    const restore = setBounds(plan);
    try {
      const world = new DeviceWorld(engine, order.scheduler(), NOON, plan.bursts);
      onRun(await runOf(world, () => act(world, plan)));
    } finally {
      restore();
    }
  });
  return fc.check(property, { includeErrorInReport: true, ...parameters }) as Promise<RunDetails<[Order, Plan]>>;
}

async function runOf(world: DeviceWorld, act: () => Promise<void>): Promise<Tally> {
  const { ledger, trace } = world;
  await withChances({ bytes: countedBytes(), pause: () => world.turn("a function waits") }, act);
  if (ledger.failures.length > 0) throw new Error([...ledger.failures, "What happened:", ...trace].join("\n  "));
  return { runs: 1, moments: world.moment, ...ledger.counts };
}
