import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";

/** The header that CloudFront adds to what it passes on, over whatever a client sent by that name: see deploy/page.yml. */
const PROOF_HEADER = "x-gotalk-origin";

/** What is known of where a request comes from. */
export interface Origin {
  /** The peer of the connection to API Gateway. Nobody can forge it, but behind CloudFront it is CloudFront. */
  readonly address: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * The client's IP address, for throttling. The API can be reached through CloudFront and past it, and `X-Forwarded-For` is
 * whatever a client likes: so it counts only with the secret that CloudFront and the deployment share, and of it only the
 * entry that CloudFront itself wrote, the last one (API Gateway may put CloudFront's own address behind it).
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html#RequestCustomIPAddresses
 *
 * @param secret Without one, as on one's own machine, nothing is in front of the API.
 * @returns `undefined` where only CloudFront's address is known, which stands for everybody behind it.
 */
export function knownAddress({ address, headers }: Origin, secret: string | undefined): string | undefined {
  const proof = headers[PROOF_HEADER];
  if (!secret || !proof || !isSame(proof, secret)) return address;
  const hops = (headers["x-forwarded-for"] ?? "").split(",").map((hop) => hop.trim());
  const written = hops.at(-1) === address ? hops.at(-2) : hops.at(-1);
  return written !== undefined && isIP(written) !== 0 ? written : undefined;
}

/** In a time that tells nothing of how much of it was right. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
