import { FILE_ID, sealedBytes } from "../contract/files.ts";
import type { FileRoute } from "../contract/routes.ts";
import type { FileStore } from "../files/file-store.ts";
import { FileParameters, UploadBody } from "../http/file-schemas.ts";
import type { Handler, Request } from "../http/http.ts";
import { parametersOf } from "../http/parameters.ts";
import { validate } from "../http/schemas.ts";
import type { GuardedRoute } from "../rates/address-limit.ts";
import type { FileLimit } from "../rates/file-limit.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { newOpaqueId } from "../runtime/ids.ts";
import { type AdmissionServices, admitOwner } from "./admission.ts";
import { type GuardServices, serveRoutes } from "./guarded.ts";

export interface FilesServices extends AdmissionServices, GuardServices {
  readonly fileLimit: FileLimit;
  readonly fileStore: FileStore;
  /** The largest file before it is encrypted, in bytes. */
  readonly fileBytes: number;
}

/** Makes the handler of the routes about files. It allows uploads and downloads; the files themselves never come here. */
export function makeFiles(services: FilesServices): Handler {
  const routes: Readonly<Record<FileRoute, GuardedRoute>> = {
    "POST /files": (request) => allowUpload(services, request),
    "GET /files/{fileId}": (request) => allowDownload(services, request),
  };
  return serveRoutes(services, routes);
}

/** `POST /files`: one read, of the session, and one write, which counts the file. */
async function allowUpload({ fileLimit, fileStore, fileBytes, ...services }: FilesServices, request: Request) {
  const { token, bytes, sha256 } = validate(UploadBody, request.fields());
  const { userId } = await admitOwner(services, token);
  if (bytes > sealedBytes(fileBytes)) {
    throw new GoTalkError("file_too_large", { values: [fileBytes], members: { maxBytes: fileBytes } });
  }
  await fileLimit.consume(userId, bytes);
  const fileId = newOpaqueId();
  const upload = await fileStore.presignUpload(fileId, { bytes, sha256 }, hostOf(request));
  return { status: 201, body: { fileId, ...upload } };
}

/**
 * `GET /files/{fileId}`: one read, of the session. It does not check that the file exists: that would cost a call, and the store
 * says it anyway. Any user who knows the id may fetch the file: the id has 128 random bits and is only in messages, and the file is
 * ciphertext.
 */
async function allowDownload({ fileStore, ...services }: FilesServices, request: Request) {
  const { token, fileId } = validate(FileParameters, parametersOf(request));
  await admitOwner(services, token);
  if (!FILE_ID.test(fileId)) throw new GoTalkError("unknown_file");
  return { status: 200, body: await fileStore.presignDownload(fileId, hostOf(request)) };
}

/** Every request of HTTP/1.1 names one, and API Gateway and the local stack take no other than their own. */
const hostOf = ({ headers: { host = "" } }: Request): string => host;
