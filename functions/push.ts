import { makePush } from "../lib/handlers/push-handler.ts";
import { readConfig } from "../lib/services/config.ts";
import { startFoundation } from "../lib/services/foundation.ts";
import { pushServices } from "../lib/services/push-services.ts";

export const handler = makePush(pushServices(await startFoundation(readConfig(process.env))));
