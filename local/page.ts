import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { ApiServer } from "serverless-offline";
import { contentSecurityPolicy } from "../static/policy.ts";
import { PAGE } from "./page-build.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

/** With every file. The policy counts for the page itself, and for images that somebody opens by themselves. */
const HEADERS = {
  "content-security-policy": contentSecurityPolicy,
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Serves the built page: `/` and its files, each by its name. All other paths belong to the API. */
export function servePage(server: ApiServer): void {
  for (const entry of readdirSync(PAGE, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(PAGE.length).replaceAll("\\", "/");
    serveFile(server, path, file);
    if (path === "/index.html") serveFile(server, "/", file);
  }
}

function serveFile(server: ApiServer, path: string, file: string): void {
  const content = readFileSync(file);
  const tag = createHash("sha256").update(content).digest("base64url");
  // The names of assets change with their content. All else is asked for again, and answered 304.
  const lifetime = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  server.route({
    method: "GET",
    path,
    handler: (_request, toolkit) => {
      const response = toolkit
        .response(content)
        .type(TYPES[extname(file)] ?? "application/octet-stream")
        .etag(tag)
        .header("cache-control", lifetime);
      for (const [name, value] of Object.entries(HEADERS)) response.header(name, value);
      return response;
    },
  });
}
