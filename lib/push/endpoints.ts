import { type LookupAddress, lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { LIMITS } from "../contract/limits.ts";
import { invalidRequest, Unavailable } from "../runtime/errors.ts";
import { isPublicAddress } from "./public-address.ts";

/** The host of an endpoint has an address that the server must not call. */
export class PrivateAddress extends Error {
  override readonly name = "PrivateAddress";

  constructor(host: string) {
    super(`${host} is no address of the public internet`);
  }
}

/** Resolves a name to all of its addresses. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

const resolveBySystem: Resolve = (host) =>
  new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

const LOOPBACK = "127.0.0.1";

/** The resolver knows that there is no such name; it may know more of all other failures later. */
const NO_SUCH_NAME = "ENOTFOUND";

/**
 * Which endpoints the server calls: https on its own port, at a host that has public addresses alone. A name is resolved twice, when
 * an endpoint is registered and for each call of it; and the call connects to the very addresses that were checked, so that a name
 * cannot change them in between.
 */
export class Endpoints {
  readonly #allowsLoopback: boolean;
  readonly #resolve: Resolve;

  /** @param allowsLoopback In a local stack, for push services on this machine: 127.0.0.1, on any port. */
  constructor(allowsLoopback = false, resolve = resolveBySystem) {
    this.#allowsLoopback = allowsLoopback;
    this.#resolve = resolve;
  }

  /**
   * Checks an endpoint before it is stored.
   *
   * @throws {GoTalkError} `invalid_request`: The server would not call it.
   * @throws {Unavailable} Its name could not be resolved in time.
   */
  async require(endpoint: string): Promise<void> {
    const url = this.parse(endpoint);
    if (url === undefined) throw refused("must be the https URL of a push service on the public internet, on port 443");
    const { host, hostname } = url;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Unavailable("a look-up took too long")), LIMITS.push.lookUpTime);
    try {
      await Promise.race([this.addressesOf(hostname), late]);
    } catch (error) {
      if (error instanceof PrivateAddress) throw refused(`names ${host}, which is not on the public internet`);
      if (codeOf(error) === NO_SUCH_NAME) throw refused(`names ${host}, which does not exist`);
      throw error instanceof Unavailable ? error : new Unavailable(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @returns `undefined` if the form of it tells already that the server would not call it. */
  parse(endpoint: string): URL | undefined {
    if (endpoint.length > LIMITS.push.endpointCharacters) return undefined;
    // A URL has numbers of any form as four decimal ones, and a name in lower case.
    const url = URL.parse(endpoint);
    if (url === null || url.protocol !== "https:" || url.username !== "" || url.password !== "") return undefined;
    if (this.#isLoopback(url.hostname)) return url;
    const address = addressIn(url.hostname);
    const isFine = url.port === "" && (address === undefined || isPublicAddress(address));
    return isFine ? url : undefined;
  }

  /**
   * The addresses of a host.
   *
   * @param hostname As a URL has it.
   * @throws {PrivateAddress} One of them is not public.
   * @throws {Error} The name cannot be resolved.
   */
  async addressesOf(hostname: string): Promise<readonly LookupAddress[]> {
    const literal = addressIn(hostname);
    const addresses =
      literal === undefined ? await this.#resolve(hostname) : [{ address: literal, family: isIP(literal) }];
    const areFine =
      addresses.length > 0 && addresses.every(({ address }) => isPublicAddress(address) || this.#isLoopback(hostname));
    if (!areFine) throw new PrivateAddress(hostname);
    return addresses;
  }

  /** For a connection: it is made to one of the checked addresses. A host that is an address is not looked up by Node. */
  readonly lookup: LookupFunction = (hostname, { all }, done) => {
    this.addressesOf(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (all || first === undefined) done(null, [...addresses]);
        else done(null, first.address, first.family);
      },
      (error) => done(error, []),
    );
  };

  /** By the address, and by no name: a name could get another one. */
  #isLoopback(hostname: string): boolean {
    return this.#allowsLoopback && hostname === LOOPBACK;
  }
}

/** The address that a URL's host is; `undefined` if it is a name. */
function addressIn(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(bare) === 0 ? undefined : bare;
}

const refused = (detail: string) => invalidRequest(`endpoint ${detail}`, [{ field: "endpoint", detail }]);

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);
