/** The headers of a request, by their names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A page of the same origin, and what is no page: the address bar, a bookmark. Programs send no such header. */
const OWN_SITES: readonly string[] = ["", "none", "same-origin"];

const WEB_ORIGIN = /^https?:\/\//;

/**
 * Tells whether a browser made the request for a page of another origin. Any page can have its visitors' browsers post a
 * form anywhere without a preflight (CORS forbids it only to read the answer), and open a WebSocket anywhere.
 *
 * A browser adds two headers that no page can change. `Origin` comes with each POST and each WebSocket; it is `null` for
 * sandboxed frames, files and redirects through another site. `Sec-Fetch-Site` comes with each request to an `https` URL or
 * to localhost. `same-site` is foreign, too: another subdomain, or another port, may belong to somebody else. A request
 * with neither header comes from a program, or is a GET of an old browser, which no route answers without a token.
 *
 * https://fetch.spec.whatwg.org/#origin-header and https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 *
 * @param headers The request's. Each name is in lower case.
 * @param ownHosts Where the page is served, as `host` or `host:port` in lower case, without a scheme's default port.
 */
export function isCrossSite(headers: RequestHeaders, ownHosts: readonly string[]): boolean {
  if (!OWN_SITES.includes(headerOf(headers, "sec-fetch-site"))) return true;
  const origin = headerOf(headers, "origin");
  if (origin === "") return false;
  if (origin === "null") return headerOf(headers, "sec-fetch-site") !== "same-origin";
  return !(WEB_ORIGIN.test(origin) && ownHosts.includes(origin.replace(WEB_ORIGIN, "")));
}

const headerOf = (headers: RequestHeaders, name: string): string =>
  String(headers[name] ?? "")
    .trim()
    .toLowerCase();
