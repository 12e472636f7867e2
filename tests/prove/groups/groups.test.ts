import { installedEngines } from "../engines.ts";
import { testGroups } from "./interleavings.ts";

testGroups({ dynalite: 10, ...(installedEngines.includes("dynoxide") && { dynoxide: 5 }), memory: 100 });
