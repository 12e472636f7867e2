import * as z from "zod/mini";
import { SHA256 } from "../contract/files.ts";
import { requiredText } from "./envelope-schema.ts";
import { token } from "./schemas.ts";

const bytesError = "must be the whole number of bytes that you will upload, from 1 on";

/** A form has numbers as text. */
const bytes = z
  .union([z.number(), z.pipe(z.string().check(z.regex(/^\d{1,15}$/)), z.transform(Number))], { error: bytesError })
  .check(z.refine((number) => Number.isSafeInteger(number) && number >= 1, { error: bytesError }));

const sha256Error = "must be the SHA-256 of what you will upload, in base64: 44 characters";

const sha256 = requiredText("the SHA-256 of what you will upload, in base64").check(
  z.regex(SHA256, { error: sha256Error }),
);

/** One that the server cannot have made is unknown, and no mistake of the request: it came in somebody's message. */
const fileId = requiredText("the id of a file");

export const UploadBody = z.object({ token, bytes, sha256 });
export const FileParameters = z.object({ token, fileId });
