import { ECDH } from "node:crypto";
import * as z from "zod/mini";
import { GROUP_ID } from "../contract/groups.ts";
import { USER_ID } from "../contract/ids.ts";
import { LIMITS } from "../contract/limits.ts";
import { flag, requiredText } from "./envelope-schema.ts";
import { token } from "./schemas.ts";

/** Whether it is a point on P-256. One that is not would fail at each push. */
function isPoint(text: string): boolean {
  try {
    return ECDH.convertKey(text, "prime256v1", "base64url", "hex", "uncompressed").length > 0;
  } catch {
    return false;
  }
}

const endpointError = `must be an https URL of ${LIMITS.push.endpointCharacters} characters at most`;
const p256dhError = "must be an uncompressed point on P-256 in base64url: 65 bytes";
const authError = "must be 16 bytes in base64url";
const mutedError = `must be a list of at most ${LIMITS.push.muted} ids of users and groups`;
const CONVERSATION = new RegExp(`(?:${USER_ID.source}|${GROUP_ID.source})`);

/** What `PushSubscription.toJSON()` gives in a browser, and what the user wants. */
export const PushBody = z.object({
  token,
  endpoint: requiredText("the URL that the push service gave the browser").check(
    z.regex(/^https:\/\//, { error: endpointError }),
    z.maxLength(LIMITS.push.endpointCharacters, { error: endpointError }),
  ),
  keys: z.object(
    {
      p256dh: z
        .string({ error: p256dhError })
        .check(z.regex(/^B[A-Za-z0-9_-]{86}$/, { error: p256dhError }), z.refine(isPoint, { error: p256dhError })),
      auth: z.string({ error: authError }).check(z.regex(/^[A-Za-z0-9_-]{22}$/, { error: authError })),
    },
    { error: "must be the keys of the subscription: p256dh and auth" },
  ),
  showText: z._default(flag, false),
  muted: z._default(
    z
      .array(z.string({ error: mutedError }).check(z.regex(CONVERSATION, { error: mutedError })), { error: mutedError })
      .check(z.maxLength(LIMITS.push.muted, { error: mutedError })),
    [],
  ),
});
