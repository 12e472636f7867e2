import type { Accounts } from "../accounts/accounts.ts";
import { listedDevices } from "../accounts/device-list.ts";
import type { DeviceRemoval } from "../accounts/device-removal.ts";
import { SHARED_DEVICE } from "../contract/devices.ts";
import type { DeviceNames } from "../devices/device-names.ts";
import type { Devices } from "../devices/device-store.ts";
import { parametersOf } from "../http/parameters.ts";
import { DeviceParameters, OwnDeviceBody, OwnParameters, validate } from "../http/schemas.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { identify } from "../tokens/caller.ts";
import { type AccountRoutes, DONE, granted } from "./account-route.ts";
import { type AdmissionServices, admitOnAnyDevice, admitOwner } from "./admission.ts";

export interface DeviceServices extends AdmissionServices {
  readonly accounts: Accounts;
  readonly devices: Devices;
  readonly deviceNames: DeviceNames;
  readonly deviceRemoval: DeviceRemoval;
  /** Where clients open WebSockets, if it is not at `/live` beside the API. */
  readonly liveUrl: string | undefined;
}

/** The routes about the caller's devices. */
export function deviceRoutes(services: DeviceServices) {
  const { accounts, devices, deviceNames, deviceRemoval, tokens, liveUrl } = services;
  return {
    "POST /devices": async (request) => {
      const { deviceName, loginId, ...claim } = validate(OwnDeviceBody, request.fields());
      const caller = await identify(tokens, claim);
      // A repeat may come with the previous token, from before the session moved.
      const current = await admitOnAnyDevice(services, caller);
      const login = await accounts.makeDevice(caller, current, { deviceName, loginId }, request.userAgent);
      return granted(login, liveUrl);
    },

    "GET /devices": async (request) => {
      const { token } = validate(OwnParameters, request.fields());
      const { userId, deviceId = SHARED_DEVICE } = await admitOwner(services, token);
      const [map, names] = await Promise.all([devices.read(userId), deviceNames.list(userId)]);
      return { status: 200, body: { devices: map === undefined ? [] : listedDevices(map, names, deviceId) } };
    },

    "DELETE /devices/{deviceId}": async (request) => {
      const { token, deviceId } = validate(DeviceParameters, parametersOf(request));
      const { userId } = await admitOwner(services, token);
      if (!(await deviceRemoval.remove(userId, deviceId))) throw new GoTalkError("unknown_device");
      return DONE;
    },
  } satisfies Partial<AccountRoutes>;
}
