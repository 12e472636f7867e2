import { installedEngines } from "../engines.ts";
import { testGroups } from "./interleavings.ts";

testGroups({ dynalite: 200, ...(installedEngines.includes("dynoxide") && { dynoxide: 100 }), memory: 1_500 });
