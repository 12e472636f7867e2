import { makeSync } from "../lib/handlers/sync-handler.ts";
import { readConfig } from "../lib/services/config.ts";
import { startFoundation } from "../lib/services/foundation.ts";
import { syncServices } from "../lib/services/sync-services.ts";

export const handler = makeSync(syncServices(await startFoundation(readConfig(process.env))));
