import { decodeProtectedHeader, EncryptJWT, jwtDecrypt } from "jose";
import { LIMITS } from "../contract/limits.ts";
import type { Clock } from "../runtime/clock.ts";
import { InvalidToken } from "../runtime/errors.ts";
import { RecentMap } from "../runtime/recent-map.ts";
import { currentKey, type KeyRing, keyNamed, type TokenKey } from "./key-ring.ts";

/** The user, the session and the device that a token stands for. */
export interface Caller {
  readonly userId: string;
  readonly username: string;
  readonly sessionId: string;
  /** The session's device. Tokens made before devices existed name none: theirs is `SHARED_DEVICE`. */
  readonly deviceId?: string | undefined;
  /** What follows the user's id in the key of the device's channel. `undefined`: the channel's key is the user's id. */
  readonly channel?: string | undefined;
}

/** What a token says. */
export interface OpenedToken extends Caller {
  /** When the session began: milliseconds since the epoch, to the second. */
  readonly issuedAt: number;
}

/**
 * The keys that tokens are encrypted with.
 *
 * @param isUnknown The ring that was got last lacks a key that a token names; there may be a newer one.
 */
export type KeyRingSource = (isUnknown: boolean) => Promise<KeyRing>;

const KEY_MANAGEMENT = "dir";
const ENCRYPTION = "A256GCM";
const ISSUER = "gotalk";
const AUDIENCE = "gotalk";

/** What this function has computed of a key. It is dropped when the key leaves the ring. */
interface KeyUse {
  /** Imported once: for each token anew it would take half of the time that a token takes. */
  readonly imported: Promise<CryptoKey>;
  /** Tokens that the key has opened, by their whole text. A client shows the same token with each request. */
  readonly opened: RecentMap<string, KnownToken>;
}

interface KnownToken {
  readonly says: OpenedToken;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Ours have about 400 characters. A longer one is refused before any work is spent on it. */
const MOST_CHARACTERS = 2_048;

/**
 * Encrypted JWTs (RFC 7516, RFC 7519): nobody but the server can read or make one. A token names the key that encrypted
 * it, so that keys can change while older tokens stay valid; and a session, and it is worth something only as long as that
 * session exists: see `session-check.ts`.
 */
export class Tokens {
  readonly #source: KeyRingSource;
  readonly #now: Clock;
  readonly #uses = new WeakMap<TokenKey, KeyUse>();

  constructor(source: KeyRingSource, now: Clock) {
    this.#source = source;
    this.#now = now;
  }

  /** @param expiresAt Milliseconds since the epoch. */
  async issue(caller: Caller, expiresAt: number): Promise<string> {
    const key = currentKey(await this.#source(false), this.#now());
    const { kid } = key;
    const { sessionId: sid, username: name, deviceId: dev, channel: ch } = caller;
    // JSON leaves out what is undefined.
    return new EncryptJWT({ sid, name, dev, ch })
      .setProtectedHeader({ alg: KEY_MANAGEMENT, enc: ENCRYPTION, ...(kid !== undefined && { kid }) })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(caller.userId)
      .setIssuedAt(new Date(this.#now()))
      .setExpirationTime(new Date(expiresAt))
      .encrypt(await this.#useOf(key).imported);
  }

  /**
   * Decrypts and checks a token, or remembers what it says. The key and the end of a remembered token are checked each time.
   *
   * @throws {InvalidToken} For any fault, all alike.
   */
  async open(token: string | undefined): Promise<OpenedToken> {
    if (!token) throw new InvalidToken("there is no token");
    if (token.length > MOST_CHARACTERS) throw new InvalidToken("the token is too long");
    const { imported, opened } = this.#useOf(await this.#keyOf(token));
    const known = opened.get(token);
    if (known !== undefined && known.expiresAt > this.#now()) return known.says;
    const { payload } = await jwtDecrypt(token, await imported, {
      keyManagementAlgorithms: [KEY_MANAGEMENT],
      contentEncryptionAlgorithms: [ENCRYPTION],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ["sub", "sid", "name", "exp"],
      currentDate: new Date(this.#now()),
    }).catch((error: unknown) => {
      throw new InvalidToken(error);
    });
    const { sub, sid, name, dev, ch, iat = 0, exp = 0 } = payload;
    const areText = typeof sub === "string" && typeof sid === "string" && typeof name === "string";
    if (!areText || !isOptionalText(dev) || !isOptionalText(ch)) throw new InvalidToken("a claim has the wrong type");
    const says = { userId: sub, username: name, sessionId: sid, deviceId: dev, channel: ch, issuedAt: 1_000 * iat };
    opened.set(token, { says, expiresAt: 1_000 * exp });
    return says;
  }

  /** Opens a token where one is optional. @returns `undefined` if there is none, it is none of ours, or it has expired. */
  async openOptional(token: string | undefined): Promise<OpenedToken | undefined> {
    try {
      return await this.open(token);
    } catch (error) {
      if (error instanceof InvalidToken) return undefined;
      throw error;
    }
  }

  /** Finds the key by the header, which is not authenticated yet: the wrong key cannot decrypt the token. */
  async #keyOf(token: string): Promise<TokenKey> {
    const kid = kidOf(token);
    const find = async (isUnknown: boolean) => keyNamed(await this.#source(isUnknown), kid, this.#now());
    const key = (await find(false)) ?? (typeof kid === "string" ? await find(true) : undefined);
    if (key === undefined) throw new InvalidToken("no key has the name in the token");
    return key;
  }

  #useOf(key: TokenKey): KeyUse {
    const known = this.#uses.get(key);
    if (known) return known;
    const bytes = Uint8Array.from(key.bytes);
    const imported = crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    const use = { imported, opened: new RecentMap<string, KnownToken>(LIMITS.openedTokens) };
    this.#uses.set(key, use);
    return use;
  }
}

const isOptionalText = (claim: unknown): claim is string | undefined =>
  claim === undefined || typeof claim === "string";

function kidOf(token: string): unknown {
  try {
    return decodeProtectedHeader(token).kid;
  } catch (error) {
    throw new InvalidToken(error);
  }
}
