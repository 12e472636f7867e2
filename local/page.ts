import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ApiServer } from "serverless-offline";
import type { PageFile } from "../stack/page-files.ts";
import { contentSecurityPolicy, permissionsPolicy } from "../static/policy.ts";

/**
 * With every file; CloudFront sends them too, see `deploy/page.yml`. The policy counts for the page itself, and for images
 * that somebody opens by themselves.
 */
export const PAGE_HEADERS = {
  "content-security-policy": contentSecurityPolicy,
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": permissionsPolicy,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Serves the built page: `/` and its files, each by its name. All other paths belong to the API. */
export function servePage(server: ApiServer, files: readonly PageFile[]): void {
  for (const page of files) {
    serveFile(server, page);
    if (page.path === "/index.html") serveFile(server, { ...page, path: "/" });
  }
}

function serveFile(server: ApiServer, { path, file, type, cacheControl }: PageFile): void {
  const content = readFileSync(file);
  const tag = createHash("sha256").update(content).digest("base64url");
  server.route({
    method: "GET",
    path,
    handler: (_request, toolkit) => {
      const response = toolkit.response(content).type(type).etag(tag).header("cache-control", cacheControl);
      for (const [name, value] of Object.entries(PAGE_HEADERS)) response.header(name, value);
      return response;
    },
  });
}
