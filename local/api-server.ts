import type { ApiServer } from "serverless-offline";
import { pageFiles } from "../stack/page-files.ts";
import type { FileStoreSide } from "./file-store.ts";
import { bound, guard } from "./guard.ts";
import type { LiveSide } from "./live.ts";
import { explainMalformed } from "./malformed.ts";
import { offlinePart } from "./offline-parts.ts";
import { refusalOf } from "./own-hosts.ts";
import { servePage } from "./page.ts";
import { keepBytes } from "./raw-bodies.ts";

/**
 * Gives serverless-offline's server of the HTTP API the page, the WebSockets, the files, and its bounds, before it listens: no request
 * may come through in between.
 *
 * @param hosts the names of the stack
 */
export async function prepareApiServer(
  hosts: ReadonlySet<string>,
  live: LiveSide,
  files: FileStoreSide,
): Promise<void> {
  const part = await offlinePart("../events/http/HttpServer.js");
  const { start } = part.prototype;
  part.prototype.start = function () {
    prepare(this.getServer(), hosts, live, files);
    return start.call(this);
  };
}

function prepare(server: ApiServer, hosts: ReadonlySet<string>, live: LiveSide, store: FileStoreSide): void {
  keepBytes(server);
  explainMalformed(server);
  const files = pageFiles();
  servePage(server, files);
  live.serveOn(server.listener);
  store.serveOn(server.listener);
  const pages = new Set(["/", ...files.map(({ path }) => path)]);
  guard(server.listener, (request) => refusalOf(request, hosts, pages));
  bound(server.listener);
}
