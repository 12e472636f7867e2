import { installedEngines } from "../engines.ts";
import { testDevices } from "./interleavings.ts";

testDevices({ dynalite: 50, ...(installedEngines.includes("dynoxide") && { dynoxide: 20 }), memory: 300 });
