import { makeLive } from "../lib/handlers/live-handler.ts";
import { readConfig } from "../lib/services/config.ts";
import { startFoundation } from "../lib/services/foundation.ts";
import { liveServices } from "../lib/services/live-services.ts";

export const handler = makeLive(liveServices(await startFoundation(readConfig(process.env))));
