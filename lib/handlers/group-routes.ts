import type { User } from "../channel/profiles.ts";
import type { Groups } from "../groups/groups.ts";
import {
  GroupParameters,
  JoinGroupBody,
  MakeGroupBody,
  MemberParameters,
  PutMemberBody,
  RenameGroupBody,
} from "../http/group-schemas.ts";
import { parametersOf } from "../http/parameters.ts";
import { OwnParameters, validate } from "../http/schemas.ts";
import { type AccountRoutes, DONE } from "./account-route.ts";
import { type AdmissionServices, admitOwner } from "./admission.ts";

export interface GroupServices extends AdmissionServices {
  readonly groups: Groups;
}

/** The routes about groups. Messages to a group go by `POST /send`. */
export function groupRoutes(services: GroupServices) {
  const { groups } = services;
  const admitted = async (token: string | undefined): Promise<User> => {
    const { userId, username } = await admitOwner(services, token);
    return { id: userId, username };
  };
  return {
    "POST /groups": async (request) => {
      const { token, name, members, groupKey } = validate(MakeGroupBody, request.fields());
      return { status: 201, body: await groups.make(await admitted(token), name, members, groupKey) };
    },

    "GET /groups": async (request) => {
      const { token } = validate(OwnParameters, request.fields());
      return { status: 200, body: { groups: await groups.list(await admitted(token)) } };
    },

    "GET /groups/{groupId}": async (request) => {
      const { token, groupId } = validate(GroupParameters, parametersOf(request));
      return { status: 200, body: await groups.show(await admitted(token), groupId) };
    },

    "PATCH /groups/{groupId}": async (request) => {
      const { token, groupId, name } = validate(RenameGroupBody, parametersOf(request));
      return { status: 200, body: await groups.rename(await admitted(token), groupId, name) };
    },

    "PUT /groups/{groupId}/members/{userId}": async (request) => {
      const fields = parametersOf(request);
      const { token, groupId, userId, admin } = validate(PutMemberBody, fields);
      return { status: 200, body: await groups.put(await admitted(token), groupId, userId, admin) };
    },

    "DELETE /groups/{groupId}/members/{userId}": async (request) => {
      const { token, groupId, userId } = validate(MemberParameters, parametersOf(request));
      await groups.remove(await admitted(token), groupId, userId);
      return DONE;
    },

    "POST /groups/{groupId}/invite": async (request) => {
      const { token, groupId } = validate(GroupParameters, parametersOf(request));
      return { status: 200, body: { code: await groups.invite(await admitted(token), groupId) } };
    },

    "POST /groups/join": async (request) => {
      const { token, code } = validate(JoinGroupBody, request.fields());
      return { status: 200, body: await groups.join(await admitted(token), code) };
    },
  } satisfies Partial<AccountRoutes>;
}
