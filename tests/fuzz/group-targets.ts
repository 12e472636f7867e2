import type { APIGatewayProxyEventV2 } from "aws-lambda";
import fc from "fast-check";
import { type Api, bearer } from "../support/api.ts";
import { type Input, inputOf } from "./events.ts";
import { CLAIMED, fieldIn, nothing, post, RIGHT_PARAMETER, type Target } from "./target.ts";
import { fieldsOf, text } from "./values.ts";
import { newCode, newGroup, rightsOf, type World } from "./world.ts";

const makeGroup: Target = {
  name: "group",
  ...post("/groups"),
  inputs: inputOf(fieldsOf(["token", "name", "members"], ["groupKey"]), nothing),
  rights: (world) => rightsOf(world, () => world.host),
  answers: { ...CLAIMED, 201: [], 403: ["forbidden", "blocked"], 404: ["unknown_user", "unknown_group"] },
  async accepted({ api, host }, event, { body }) {
    if (body["name"] !== fieldIn(event, "name")) throw new Error(`the group is called ${JSON.stringify(body["name"])}`);
    // Nobody may be in more than 200 groups. The maker goes last, who alone may remove the others.
    const members = body["members"] as readonly { readonly id: string }[];
    for (const { id } of members.toSorted((a, b) => Number(a.id === host.id) - Number(b.id === host.id))) {
      const path = `/groups/${body["groupId"]}/members/${id}`;
      const { status } = await api(bearer(host.token, { method: "DELETE", path }));
      if (status !== 204) throw new Error("made, and not left");
    }
  },
};

/** Ids of users, and what is nearly one. */
const userIds = fc.oneof(
  { weight: 8, arbitrary: fc.constant(RIGHT_PARAMETER) },
  { weight: 2, arbitrary: fc.uuid() },
  { weight: 2, arbitrary: text },
);

/** Ids of groups, and what is nearly one. */
const groupIds = fc.oneof(
  { weight: 8, arbitrary: fc.constant(RIGHT_PARAMETER) },
  { weight: 2, arbitrary: fc.stringMatching(/^g-[\w-]{22}$/) },
  { weight: 2, arbitrary: text },
);

const OF_GROUP = { ...CLAIMED, 404: ["unknown_group", "not_found"], 405: ["method_not_allowed"] };

/** A removal may come late, and so may a code. */
const leaveGroupBehind = async (world: World, api: Api): Promise<void> => {
  Object.assign(world, await newGroup(api, world.host));
};

const groupPath =
  (rest = "") =>
  ({ parameter = "" }: Input) =>
    `/groups/${encodeURIComponent(parameter.toWellFormed())}${rest}`;

const showGroup: Target = {
  name: "shown",
  method: "GET",
  path: groupPath(),
  rightParameter: ({ groupId }) => groupId,
  inputs: inputOf(fieldsOf(["token"], ["groupId"]), groupIds),
  rights: (world) => rightsOf(world, () => world.host),
  // An empty parameter is the list.
  answers: { ...OF_GROUP, 200: [] },
  unsure: leaveGroupBehind,
};

/** Of somebody who is not in the group. */
const foreignGroup: Target = {
  ...showGroup,
  name: "foreign",
  rights: (world) => rightsOf(world, () => world.ann),
  async accepted(_, __, { text: answer }) {
    if (answer !== '{"groups":[]}') throw new Error(`a stranger is shown ${answer}`);
  },
};

const renameGroup: Target = {
  ...showGroup,
  name: "renamed",
  method: "PATCH",
  inputs: inputOf(fieldsOf(["token", "name"], ["groupId"]), groupIds),
  async accepted(_, event, { body }) {
    if (body["name"] !== fieldIn(event, "name")) throw new Error(`the group is called ${JSON.stringify(body["name"])}`);
  },
};

/** The user whom the path names. */
const userIn = ({ pathParameters }: APIGatewayProxyEventV2): string => String(pathParameters?.["userId"]).toLowerCase();

const putMember: Target = {
  ...showGroup,
  name: "put",
  method: "PUT",
  path: (input) => groupPath(`/members/${encodeURIComponent((input.second ?? "").toWellFormed())}`)(input),
  rightSecond: ({ guest }) => guest.id,
  inputs: inputOf(fieldsOf(["token"], ["admin", "userId", "groupId"]), groupIds, userIds),
  answers: { ...OF_GROUP, 200: [], 404: [...OF_GROUP[404], "unknown_user"] },
  async accepted({ guest }, event, { body }) {
    if (userIn(event) !== guest.id) throw new Error(`${userIn(event)} was put`);
    if (!JSON.stringify(body["members"]).includes(guest.id)) throw new Error("the guest is not in the group");
  },
};

const removeMember: Target = {
  ...putMember,
  name: "removed",
  method: "DELETE",
  answers: { ...OF_GROUP, 204: [] },
  async accepted(world, event) {
    const { api, host, guest, groupId } = world;
    const path = `/groups/${groupId}`;
    const { body } = await api(bearer(host.token, { method: "GET", path }));
    const isRemoved = !JSON.stringify(body["members"]).includes(guest.id);
    if (isRemoved !== (userIn(event) === guest.id)) throw new Error(`the guest is removed: ${isRemoved}`);
    if (!isRemoved) return;
    const { status } = await api(bearer(host.token, { method: "PUT", path: `${path}/members/${guest.id}` }));
    if (status !== 200) throw new Error("removed, and not added again");
    world.code = await newCode(api, host, groupId);
  },
};

const inviteToGroup: Target = {
  ...showGroup,
  name: "code",
  method: "POST",
  path: groupPath("/invite"),
  async accepted(world, _, { body }) {
    world.code = String(body["code"]);
  },
};

const joinGroup: Target = {
  name: "join",
  ...post("/groups/join"),
  inputs: inputOf(fieldsOf(["token", "code"], []), nothing),
  rights: (world) => rightsOf(world, () => world.guest),
  answers: { ...CLAIMED, 200: [], 403: ["forbidden", "invalid_invite"], 404: ["unknown_group"] },
  async accepted({ groupId }, _, { body }) {
    if (body["groupId"] !== groupId) throw new Error("let into another group");
  },
};

/** The routes of groups. */
export const groupTargets: readonly Target[] = [
  makeGroup,
  showGroup,
  foreignGroup,
  renameGroup,
  putMember,
  removeMember,
  inviteToGroup,
  joinGroup,
];
