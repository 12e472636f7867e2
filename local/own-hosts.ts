import type { IncomingMessage } from "node:http";
import { isCrossSite } from "../lib/http/cross-site.ts";
import { GoTalkError } from "../lib/runtime/errors.ts";
import { StartError } from "../stack/start-error.ts";

/** The names that a browser on this machine reaches the stack by. */
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Listening on one of these means listening on each address of the machine. */
const EVERYWHERE = ["0.0.0.0", "::"];

const HOST = /^[\w.:[\]-]+$/;

/**
 * The host names of a stack, as they stand in URLs.
 *
 * @param host where it listens, if that was chosen
 * @param names others, separated by commas
 * @throws {StartError} when one of those is no host name
 */
export function ownHostNames(host: string | undefined, names = ""): ReadonlySet<string> {
  const others = names.split(",").map((name) => name.trim());
  const chosen = host === undefined || EVERYWHERE.includes(host) ? [] : [inUrl(host.toLowerCase())];
  return new Set([...LOOPBACK, ...chosen, ...others.filter((name) => name !== "").map(hostNameOf)]);
}

/** As it stands in a parsed URL. */
function hostNameOf(name: string): string {
  const parsed = parseHost(inUrl(name));
  if (parsed !== undefined) return parsed.hostname;
  throw new StartError(
    `GOTALK_HOSTS has ${name}, which is no host name. Write names without scheme and port, with commas between them: laptop.local,desk.local`,
  );
}

/** Where a person finds the stack. */
export const urlOf = (host: string | undefined, port: number): string =>
  `http://${host === undefined || EVERYWHERE.includes(host) ? "localhost" : inUrl(host)}:${port}`;

/**
 * Why the stack does not take a request; nothing if it does. A browser on the same machine lets every web page ask it, and
 * a page whose name its owner points at this machine (DNS rebinding) passes for one of its own.
 *
 * @param names of the stack. The address that the request came in by is one, too: no page can take that for its name.
 * @param pages the paths of the page's files. A link from elsewhere may lead there.
 */
export function refusalOf(
  request: IncomingMessage,
  names: ReadonlySet<string>,
  pages: ReadonlySet<string>,
): GoTalkError | undefined {
  const host = parseHost(request.headers.host);
  if (host === undefined || !(names.has(host.hostname) || host.hostname === addressOf(request))) {
    return new GoTalkError("unknown_host");
  }
  return isCrossSite(request.headers, [host.host]) && !isLink(request, pages)
    ? new GoTalkError("cross_site")
    : undefined;
}

/** A top-level navigation to the page: it shows the page, and tells the other site nothing. */
function isLink({ method = "", url = "", headers }: IncomingMessage, pages: ReadonlySet<string>): boolean {
  const isNavigation = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
  return isNavigation && method === "GET" && headers.origin === undefined && pages.has(url.split(/[?#]/)[0] ?? "");
}

/** As browsers write it: in lower case, IPv6 shortened, without the scheme's default port. */
function parseHost(header = ""): Pick<URL, "host" | "hostname"> | undefined {
  const url = `http://${header}`;
  return HOST.test(header) && URL.canParse(url) ? new URL(url) : undefined;
}

/** The address of this machine that a request came in by. */
const addressOf = ({ socket }: IncomingMessage): string =>
  inUrl((socket.localAddress ?? "").replace(/^::ffff:/, "").replace(/%.*$/, ""));

const inUrl = (name: string): string => (name.includes(":") && !name.startsWith("[") ? `[${name}]` : name);
