import { makeAccounts } from "../lib/handlers/accounts-handler.ts";
import { accountsServices } from "../lib/services/accounts-services.ts";
import { readConfig } from "../lib/services/config.ts";
import { startFoundation } from "../lib/services/foundation.ts";

export const handler = makeAccounts(accountsServices(await startFoundation(readConfig(process.env))));
