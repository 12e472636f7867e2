import { installedEngines } from "../engines.ts";
import { testGroups } from "./interleavings.ts";

testGroups({ dynalite: 100, ...(installedEngines.includes("dynoxide") && { dynoxide: 50 }), memory: 850 });
