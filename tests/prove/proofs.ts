import type { Parameters, RunDetails } from "fast-check";
import type { TestEngine } from "../support/engines.ts";
import { proveDevices } from "./devices/prove-devices.ts";
import { proveGroups } from "./groups/prove-groups.ts";
import { prove } from "./prove.ts";
import type { Tally } from "./tally.ts";

/** What is proved: one channel; the devices of users, each with a channel of its own; or groups of users with several devices. */
export type Proof = "channel" | "devices" | "groups";

/** Runs random interleavings on one engine, and is told of each run that held. */
type Prove = (
  engine: TestEngine,
  parameters: Parameters<unknown>,
  onRun: (tally: Tally) => void,
) => Promise<RunDetails<unknown>>;

export const proofs = { channel: prove, devices: proveDevices, groups: proveGroups } as Readonly<Record<Proof, Prove>>;
