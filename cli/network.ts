import { getProxyForUrl } from "proxy-from-env";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import type { Network } from "./proxied.ts";
import { version } from "./version.ts";

/** `gotalk sessions` and the page's list of sessions show it. */
const USER_AGENT = `gotalk/${version} (${process.platform} ${process.arch})`;

/** Whether a URL is on this machine. A proxy would look for it on its own machine. */
export const isLocal = (url: string): boolean =>
  /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

/**
 * Makes the network for a server: through the proxy of `HTTPS_PROXY`, or `HTTP_PROXY` for `http://`, unless the server
 * is on this machine or `NO_PROXY` lists it. As with curl, names in small letters are accepted and come first.
 *
 * @param isLive Whether a WebSocket is wanted.
 * @throws CliError when the variable does not hold a proxy's address
 */
export async function networkFor(url: string, isLive: boolean): Promise<Pick<Network, "fetch"> & Partial<Network>> {
  const isDirect = isLocal(url) || getProxyForUrl(url) === "";
  const proxy = isDirect ? undefined : proxyIn(url.startsWith("https:") ? "HTTPS_PROXY" : "HTTP_PROXY");
  // Loaded only when needed: it takes a while.
  const network = proxy === undefined ? await direct(isLive) : (await import("./proxied.ts")).proxied(proxy);
  const { origin } = new URL(url);
  const named: typeof fetch = async (input, init) => {
    // Files lie on a host of their own, for which NO_PROXY may say something else.
    const { origin: asked } = new URL(String(input));
    if (asked !== origin) return (await networkFor(asked, false)).fetch(input, init);
    const headers = { ...(init?.headers as Record<string, string>), "user-agent": USER_AGENT };
    return network.fetch(input, { ...init, headers });
  };
  return { ...network, fetch: named };
}

/** The network without a proxy. Node 20 has no WebSocket of its own. */
async function direct(isLive: boolean): Promise<Pick<Network, "fetch"> & Partial<Network>> {
  if (!isLive || globalThis.WebSocket !== undefined) return { fetch };
  const { WebSocket } = await import("undici");
  return { fetch, WebSocket: WebSocket as unknown as Network["WebSocket"] };
}

/** An empty variable counts as none. */
function proxyIn(name: string): string | undefined {
  const text = process.env[name.toLowerCase()] || process.env[name];
  if (!text) return undefined;
  const address = text.includes("://") ? text : `http://${text}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw new CliError(
    EXIT.usage,
    `${name} does not hold a proxy's address. An address looks like http://proxy.example.com:3128`,
  );
}
