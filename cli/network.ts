import { getProxyForUrl } from "proxy-from-env";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import type { Network } from "./proxied.ts";
import { version } from "./version.ts";

/** How `gotalk sessions` and the page's list of sessions name this client. */
const USER_AGENT = `gotalk/${version} (${process.platform} ${process.arch})`;

/** Of this machine: a proxy would look for them on its own. */
export const isLocal = (url: string): boolean =>
  /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

/**
 * How a server is reached: through the proxy of `HTTPS_PROXY`, or `HTTP_PROXY` for `http://`, unless it is on this machine
 * or `NO_PROXY` lists it. As with curl, the names may be in small letters, and these go first.
 *
 * @throws CliError when the variable holds no proxy's address
 */
export async function networkFor(url: string): Promise<Pick<Network, "fetch"> & Partial<Network>> {
  const isDirect = isLocal(url) || getProxyForUrl(url) === "";
  const proxy = isDirect ? undefined : proxyIn(url.startsWith("https:") ? "HTTPS_PROXY" : "HTTP_PROXY");
  // Loaded only where it is needed: it takes a while.
  const network = proxy === undefined ? { fetch } : (await import("./proxied.ts")).proxied(proxy);
  const named: typeof fetch = (input, init) =>
    network.fetch(input, {
      ...init,
      headers: { ...(init?.headers as Record<string, string>), "user-agent": USER_AGENT },
    });
  return { ...network, fetch: named };
}

/** An empty variable counts as none. */
function proxyIn(name: string): string | undefined {
  const text = process.env[name.toLowerCase()] || process.env[name];
  if (!text) return undefined;
  const address = text.includes("://") ? text : `http://${text}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw new CliError(EXIT.usage, `${name} holds no proxy's address. It looks like http://proxy.example.com:3128`);
}
