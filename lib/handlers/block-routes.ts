import type { Accounts } from "../accounts/accounts.ts";
import type { Blocks } from "../accounts/blocks.ts";
import type { Profiles } from "../channel/profiles.ts";
import { DETAILS } from "../contract/problems.ts";
import { parametersOf } from "../http/parameters.ts";
import { BlockParameters, FindParameters, OwnParameters, validate } from "../http/schemas.ts";
import { GoTalkError, invalidRequest } from "../runtime/errors.ts";
import { type AccountRoutes, DONE } from "./account-route.ts";
import { type AdmissionServices, admitOwner } from "./admission.ts";

export interface BlockServices extends AdmissionServices {
  readonly accounts: Accounts;
  readonly blocks: Blocks;
  readonly profiles: Profiles;
}

/** The routes about other users: to find them, and to block them. */
export function blockRoutes(services: BlockServices) {
  const { accounts, blocks, profiles } = services;
  return {
    "GET /users/{username}": async (request) => {
      const { token, username } = validate(FindParameters, parametersOf(request));
      await admitOwner(services, token);
      return { status: 200, body: await accounts.find(username) };
    },

    "GET /blocks": async (request) => {
      const { userId } = await admitOwner(services, validate(OwnParameters, request.fields()).token);
      return { status: 200, body: { blocks: await blocks.list(userId) } };
    },

    "PUT /blocks/{userId}": async (request) => {
      const { token, userId } = validate(BlockParameters, parametersOf(request));
      const caller = await admitOwner(services, token);
      if (userId === caller.userId) throw invalidRequest("You cannot block yourself.");
      const blocked = await profiles.find(userId);
      if (blocked === undefined) throw new GoTalkError("unknown_user", { detail: DETAILS.unknownId });
      await blocks.add(caller.userId, blocked);
      return DONE;
    },

    "DELETE /blocks/{userId}": async (request) => {
      const { token, userId } = validate(BlockParameters, parametersOf(request));
      const caller = await admitOwner(services, token);
      await blocks.remove(caller.userId, userId);
      return DONE;
    },
  } satisfies Partial<AccountRoutes>;
}
