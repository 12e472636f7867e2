import { installedEngines } from "../engines.ts";
import { testDevices } from "./interleavings.ts";

testDevices({ dynalite: 20, ...(installedEngines.includes("dynoxide") && { dynoxide: 10 }), memory: 150 });
