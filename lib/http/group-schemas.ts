import * as z from "zod/mini";
import { GROUP_ID } from "../contract/groups.ts";
import { LIMITS } from "../contract/limits.ts";
import { isGroupName } from "../contract/visible.ts";
import { clientKey, flag, requiredText } from "./envelope-schema.ts";
import { token, userId } from "./schemas.ts";

const groupId = requiredText("the id of a group (GET /groups lists yours)").check(
  z.regex(GROUP_ID, { error: "must be the id of a group (GET /groups lists yours)" }),
);

/** What a group's name may be, in words. */
export const GROUP_NAME_RULE = `1 to ${LIMITS.groups.nameCharacters} visible characters on one line, and none that turns the direction of a text`;

const name = requiredText("the group's name").check(z.refine(isGroupName, { error: `must have ${GROUP_NAME_RULE}` }));

const membersError = `must be the ids of 1 to ${LIMITS.groups.members - 1} other users`;

/** A form has them as one text, separated by commas. */
const members = z
  .union(
    [
      z.array(userId),
      z.pipe(
        z.pipe(
          z.string(),
          z.transform((text) => text.split(",")),
        ),
        z.array(userId),
      ),
    ],
    {
      error: membersError,
    },
  )
  .check(z.minLength(1), z.maxLength(LIMITS.groups.members - 1));

const codeError = "must be the code of an invite link of a group";

const code = requiredText("the code of an invite link").check(z.regex(/^[A-Za-z0-9._-]{1,64}$/, { error: codeError }));

export const MakeGroupBody = z.object({ token, name, members, groupKey: z.optional(clientKey) });
export const GroupParameters = z.object({ token, groupId });
export const RenameGroupBody = z.object({ token, groupId, name });
export const MemberParameters = z.object({ token, groupId, userId });
export const PutMemberBody = z.object({ token, groupId, userId, admin: z.optional(flag) });
export const JoinGroupBody = z.object({ token, code });
