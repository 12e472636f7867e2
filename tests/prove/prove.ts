import fc, { type Parameters, type RunDetails, type Scheduler } from "fast-check";
import { LIMITS } from "../../lib/contract/limits.ts";
import type { TestEngine } from "../support/engines.ts";
import { clock, drain, flood, LEAP, receiver, sender, TIME_OF_IDS } from "./actors.ts";
import { type Order, orders } from "./orders.ts";
import { type Bounds, type Scenario, scenarios } from "./scenario.ts";
import { type Tally, tallyOf } from "./tally.ts";
import { World } from "./world.ts";

/** One run: everybody acts as the scheduler decides, the channel is drained, and the ledger must agree. */
async function run(engine: TestEngine, scheduler: Scheduler, scenario: Scenario): Promise<Tally> {
  const restore = setBounds(scenario.bounds);
  try {
    const world = new World(engine, scheduler, scenario.early ? TIME_OF_IDS - LEAP : Date.now());
    const { ledger, trace } = world;
    scenario.floods.forEach((plan, n) => void flood(world, n, plan));
    scenario.senders.forEach((steps, n) => void sender(world, `sender ${n}`, steps));
    scenario.receivers.forEach((steps, n) => void receiver(world, `client-${n}`, steps));
    void clock(world, scenario.clock);
    await world.play();
    await drain(world);
    ledger.close();
    if (ledger.failures.length > 0) throw new Error([...ledger.failures, "What happened:", ...trace].join("\n  "));
    return tallyOf(ledger, trace);
  } finally {
    restore();
  }
}

/** The limits are constants for the system; only here a short run must come to them. */
function setBounds(bounds: Bounds): () => void {
  const { settledKept, settledMost, pageSlack } = LIMITS;
  Object.assign(LIMITS, bounds);
  return () => void Object.assign(LIMITS, { settledKept, settledMost, pageSlack });
}

/**
 * Runs random interleavings on one engine.
 *
 * @param onRun Called after each run that held.
 */
export function prove(
  engine: TestEngine,
  parameters: Parameters<[Order, Scenario]>,
  onRun: (tally: Tally) => void = () => {},
): Promise<RunDetails<[Order, Scenario]>> {
  const property = fc.asyncProperty(orders, scenarios, async (order, scenario) => {
    onRun(await run(engine, order.scheduler(), scenario));
  });
  return fc.check(property, { includeErrorInReport: true, ...parameters }) as Promise<RunDetails<[Order, Scenario]>>;
}

/** What runs a failed case alone. */
export const repetition = (
  proof: string,
  engine: string,
  { seed, counterexamplePath }: Pick<RunDetails<unknown>, "seed" | "counterexamplePath">,
): string =>
  `Again with: npm run prove -- --proof ${proof} --engine ${engine} --seed ${seed} --path "${counterexamplePath ?? ""}"`;
