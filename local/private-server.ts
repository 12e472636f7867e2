import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";

const SECRET_BYTES = 32;

/**
 * Makes a server listen on a free loopback port, for the processes that know its URL. The URL's path begins with a secret
 * of this start: each user of the machine and each page in its browsers can connect to the port, and none can guess it.
 *
 * The secret is a part of the URL and not a credential of the SDK, as the operator's own credentials may be in use.
 *
 * @returns The URL, without a slash at its end. Requests keep their path as it came.
 */
export async function listenPrivately(server: Server): Promise<string> {
  const base = `/${randomBytes(SECRET_BYTES).toString("base64url")}`;
  const serve = server.listeners("request") as RequestListener[];
  let host = "";
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const { url = "", headers } = request;
    // No page may use it, even if the URL has leaked to one.
    const isOwn = headers.host === host && headers.origin === undefined && isEqual(url.slice(0, base.length), base);
    if (isOwn) for (const listener of serve) listener(request, response);
    else response.writeHead(403, { connection: "close" }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A connection that cannot be taken, as too many files are open, ends nothing.
  server.on("error", () => {});
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return `http://${host}${base}`;
}

/** Takes the same time wherever the two differ. */
function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
