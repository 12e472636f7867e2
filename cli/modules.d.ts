declare module "proxy-from-env" {
  /** The proxy that the environment names for a URL; empty where there is none, or `NO_PROXY` lists the host. */
  export function getProxyForUrl(url: string): string;
}
