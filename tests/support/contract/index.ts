import type { Api } from "../api.ts";
import { accountContract } from "./account.ts";
import { accountsContract } from "./accounts.ts";
import { devicesContract } from "./devices.ts";
import { doorsContract, type Service } from "./doors.ts";
import { envelopesContract } from "./envelopes.ts";
import { filesContract } from "./files.ts";
import { groupsContract } from "./groups.ts";
import { limitsContract } from "./limits.ts";
import { messagesContract } from "./messages.ts";
import { requestsContract } from "./requests.ts";

/** All that the API promises, by whichever way it is called. */
export function contract(theService: () => Service): void {
  const api: () => Api = () => theService().api;
  accountsContract(api);
  accountContract(api);
  devicesContract(api);
  groupsContract(api);
  filesContract(api);
  messagesContract(api);
  envelopesContract(api);
  limitsContract(api);
  requestsContract(api);
  doorsContract(theService);
}
