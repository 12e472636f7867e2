import { makeFiles } from "../lib/handlers/files-handler.ts";
import { readConfig } from "../lib/services/config.ts";
import { filesServices } from "../lib/services/files-services.ts";
import { startFoundation } from "../lib/services/foundation.ts";

export const handler = makeFiles(filesServices(await startFoundation(readConfig(process.env))));
