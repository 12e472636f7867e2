import { createHash } from "node:crypto";

/** SHA-256 in base64. */
export const checksumOf = (body: Uint8Array): string => createHash("sha256").update(body).digest("base64");

/** What an upload of this body says of itself. */
export const announced = (body: Uint8Array) => ({ bytes: body.length, sha256: checksumOf(body) });
