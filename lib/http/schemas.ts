import * as z from "zod/mini";
import { USER_ID } from "../contract/ids.ts";
import { LIMITS, USERNAME_FORM } from "../contract/limits.ts";
import { normalized } from "../contract/password-text.ts";
import { characters, isVisibleName } from "../contract/visible.ts";
import { invalidRequest, tooLarge } from "../runtime/errors.ts";
import { clientKey, contentFitsType, envelope, flag, messageId, requiredText } from "./envelope-schema.ts";

const CONTROL = /\p{Cc}/u;

/** Optional, since a request without one is not malformed: it is not authenticated. */
export const token = z.optional(z.string({ error: "must be the token that the login returned" }));

/** One that is expired or not ours is no reason to refuse a login. */
const earlierToken = z.optional(z.string({ error: "must be the token of an earlier login" }));

const id = requiredText("your user id, as the login returned it").check(z.minLength(1, { error: "must not be empty" }));

const username = requiredText("the username").check(
  z.regex(USERNAME_FORM, {
    error: `must have ${LIMITS.username.minCharacters} to ${LIMITS.username.maxCharacters} characters of a-z 0-9 . _ -`,
  }),
  z.toLowerCase(),
);

const isLongEnough = (password: string): boolean => characters(password) >= LIMITS.password.minCharacters;
const isShortEnough = (password: string): boolean => characters(password) <= LIMITS.password.maxCharacters;

const lengthError = {
  error: `must have ${LIMITS.password.minCharacters} to ${LIMITS.password.maxCharacters} characters`,
};

/**
 * A password that exists. One keyboard writes a letter as one character and another one as two, and the password may have
 * been chosen with either. It is refused for its length only if that is wrong in every form.
 */
const password = requiredText("the password").check(
  z.refine(
    (text) =>
      text.isWellFormed() &&
      [text, normalized(text), text.normalize("NFKD")].some((form) => isLongEnough(form) && isShortEnough(form)),
    lengthError,
  ),
);

/**
 * A password that is being chosen. Its length is counted as it is hashed. A line break may come from a file or a copied
 * line, and nobody could type it at a login.
 *
 * @param what For the field's error.
 */
const newPasswordOf = (what: string) =>
  requiredText(what).check(
    z.refine(
      (text) =>
        text.isWellFormed() && isLongEnough(text) && isLongEnough(normalized(text)) && isShortEnough(normalized(text)),
      lengthError,
    ),
    z.refine((text) => !CONTROL.test(text), { error: "must not contain line breaks or other control characters" }),
  );

/** Hyphens and the case of letters do not matter. */
const inviteCode = z.string({ error: "must be the invite code that you got" }).check(z.regex(/^[0-9a-z -]{1,64}$/i));

const sessionId = requiredText("the id of a session (GET /sessions lists them)").check(
  z.regex(/^[A-Za-z0-9_-]{22}$/, { error: "must be the id of a session (GET /sessions lists them)" }),
);

/** A device's id: any that a client may have kept. One that is not in use is no mistake of the request. */
function deviceIdOf(what: string) {
  const error = `must be ${what}, of 1 to 64 characters of A-Z a-z 0-9 _ -`;
  return z.string({ error }).check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, { error }));
}

const deviceId = deviceIdOf("the id of a device (GET /devices lists them)");

const deviceNameError = `must have 1 to ${LIMITS.devices.nameCharacters} visible characters on one line`;

const deviceName = z
  .string({ error: deviceNameError })
  .check(z.refine((text) => isVisibleName(text, LIMITS.devices.nameCharacters), { error: deviceNameError }));

export const userId = requiredText("the user's id (GET /users/{username} finds it)").check(
  z.regex(new RegExp(USER_ID, "i"), { error: "must be a user's id" }),
  z.toLowerCase(),
);

const ack = z
  .string({ error: "must be the last receipt that you got" })
  .check(
    z.regex(/^[A-Za-z0-9_-]{1,64}$/, { error: `must have 1 to ${LIMITS.ackCharacters} characters of A-Z a-z 0-9 _ -` }),
  );

const limitError = `must be a whole number from 1 to ${LIMITS.batchMessages}`;

/** A form has numbers as text. */
const limit = z
  .union([z.number(), z.pipe(z.string().check(z.regex(/^\d{1,3}$/)), z.transform(Number))], { error: limitError })
  .check(z.refine((number) => Number.isInteger(number) && number >= 1 && number <= LIMITS.batchMessages));

/** What each route takes. Other fields are ignored. */
export const SendBody = z
  .object({
    token,
    id,
    username: z.optional(username),
    sendToId: requiredText("the receiver's user id (GET /users/{username} finds it)"),
    ...envelope,
    messageId: z.optional(messageId),
    copies: z.optional(flag),
  })
  .check(...contentFitsType);
export const SyncBody = z.object({
  token,
  id,
  username: z.optional(username),
  ack: z.optional(ack),
  limit: z._default(limit, LIMITS.batchMessages),
});
export const RegisterBody = z.object({
  username,
  password: newPasswordOf("the password"),
  inviteCode: z.optional(inviteCode),
});
export const LoginBody = z.object({
  username,
  password,
  earlierToken,
  deviceId: z.optional(deviceIdOf("the deviceId that your last login returned")),
  deviceName: z.optional(deviceName),
  loginId: z.optional(clientKey),
  replaceDeviceId: z.optional(deviceId),
});
export const LogoutBody = z.object({ token, id, username: z.optional(username) });
export const PasswordBody = z.object({
  token,
  id,
  username: z.optional(username),
  password,
  newPassword: newPasswordOf("the password that you want"),
});
export const DeleteAccountBody = z.object({ token, id, username: z.optional(username), password });
/** The first frame of a WebSocket connection. */
export const ProofFrame = z.object({ token, id });
/** A frame that says that the user is typing. */
export const TypingFrame = z.object({ toId: requiredText("as sendToId in a send") });
export const FindParameters = z.object({ token, username });
/** A request of which all that matters is whose it is. */
export const OwnParameters = z.object({ token });
export const SessionParameters = z.object({ token, sessionId });
export const OwnDeviceBody = z.object({ token, id, username: z.optional(username), deviceName, loginId: clientKey });
export const DeviceParameters = z.object({ token, deviceId });
export const BlockParameters = z.object({ token, userId });

/**
 * @throws {GoTalkError} `invalid_request`: It lists each field that breaks a rule.
 */
export function validate<Schema extends z.ZodMiniType>(schema: Schema, fields: unknown): z.output<Schema> {
  const result = z.safeParse(schema, fields);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    field: path.map(String).join("."),
    detail: message,
  }));
  throw invalidRequest(issues.map(({ field, detail }) => `${field} ${detail}`).join("; "), issues);
}

/** @throws {GoTalkError} `too_large`: Above `LIMITS.contentBytes`. */
export function checkContentSize(text: string): void {
  if (Buffer.byteLength(text) > LIMITS.contentBytes) throw tooLarge("content", LIMITS.contentBytes);
}
