import { SHARED_DEVICE } from "../contract/devices.ts";
import { PushBody } from "../http/push-schema.ts";
import { OwnParameters, validate } from "../http/schemas.ts";
import type { Endpoints } from "../push/endpoints.ts";
import { mutedName } from "../push/push-content.ts";
import type { Subscriptions } from "../push/subscriptions.ts";
import type { StoredVapidKeys } from "../push/vapid-keys.ts";
import type { GuardedRoute } from "../rates/address-limit.ts";
import { InvalidToken, invalidRequest } from "../runtime/errors.ts";
import { DONE, type PushRoute } from "./account-route.ts";
import { type AdmissionServices, admitOwner } from "./admission.ts";

export interface PushRouteServices extends AdmissionServices {
  readonly subscriptions: Subscriptions;
  readonly endpoints: Endpoints;
  readonly vapidKeys: StoredVapidKeys;
}

/** The routes about the push subscription of the caller's device. */
export function pushRoutes(services: PushRouteServices): Readonly<Record<PushRoute, GuardedRoute>> {
  const { subscriptions, endpoints, vapidKeys } = services;
  return {
    "GET /push": async (request) => {
      await admitOwner(services, validate(OwnParameters, request.fields()).token);
      const { publicKey } = await vapidKeys.get();
      return { status: 200, body: { publicKey } };
    },

    "PUT /push": async (request) => {
      const { token, endpoint, keys, showText, muted } = validate(PushBody, request.fields());
      const caller = await admitOwner(services, token);
      const { deviceId = SHARED_DEVICE } = caller;
      if (deviceId === SHARED_DEVICE) {
        throw invalidRequest("Only a device of its own can be told by push. Log in with a deviceName to have one.");
      }
      await endpoints.require(endpoint);
      const stored = {
        endpoint,
        ...keys,
        showText,
        muted: [...new Set(muted.map(mutedName))],
        username: caller.username,
      };
      if (!(await subscriptions.set(caller, stored))) throw new InvalidToken("the session has ended meanwhile");
      return DONE;
    },

    "DELETE /push": async (request) => {
      await subscriptions.remove(await admitOwner(services, validate(OwnParameters, request.fields()).token));
      return DONE;
    },
  };
}
