import { makeSend } from "../lib/handlers/send-handler.ts";
import { readConfig } from "../lib/services/config.ts";
import { startFoundation } from "../lib/services/foundation.ts";
import { sendServices } from "../lib/services/send-services.ts";

export const handler = makeSend(sendServices(await startFoundation(readConfig(process.env))));
