import { GROUP_ID } from "../../../lib/contract/groups.ts";
import { MESSAGE_ID, USER_ID } from "../../../lib/contract/ids.ts";
import { CONTENT_BYTES, USERNAME } from "../../../lib/contract/limits.ts";
import { byteLength } from "../text/bytes.ts";

const NAME = new RegExp(`^[a-z0-9._-]{${USERNAME.minCharacters},${USERNAME.maxCharacters}}$`);

export const isText = (value: unknown, form: RegExp): value is string => typeof value === "string" && form.test(value);

export const isUserId = (value: unknown): value is string => isText(value, USER_ID);

export const isGroup = (value: unknown): value is string => isText(value, GROUP_ID);

export const isConversationId = (value: unknown): value is string => isUserId(value) || isGroup(value);

export const isMessageId = (value: unknown): value is string => isText(value, MESSAGE_ID);

export const isName = (value: unknown): value is string => isText(value, NAME);

export const isContent = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.isWellFormed() && byteLength(value) <= CONTENT_BYTES;

/** In the one form in which the server writes it, or the timeline would be out of order: it compares texts. */
export const isTime = (value: unknown): value is string =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value;
