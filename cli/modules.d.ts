declare module "proxy-from-env" {
  /** The proxy for a URL in the environment. Empty if there is none or `NO_PROXY` lists the host. */
  export function getProxyForUrl(url: string): string;
}
