import { installedEngines } from "../engines.ts";
import { testDevices } from "./interleavings.ts";

testDevices({ dynalite: 400, ...(installedEngines.includes("dynoxide") && { dynoxide: 100 }), memory: 1_500 });
