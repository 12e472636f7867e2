import { engines, startEngine, type TestEngine } from "../support/engines.ts";
import { memoryEngine } from "./devices/memory-engine.ts";

/** What runs are made on: the engines that are installed, and one of ours for the devices. */
export type EngineName = "dynalite" | "dynoxide" | "memory";

/** The engines that are installed here. */
export const installedEngines = engines.map(({ name }) => name as EngineName);

export const startProofEngine = async (name: EngineName): Promise<TestEngine> =>
  name === "memory" ? memoryEngine() : startEngine(name);
