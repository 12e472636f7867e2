import { EncryptJWT, jwtDecrypt } from "jose";
import type { Clock } from "./clock.ts";
import { InvalidToken } from "./errors.ts";

/** Who a token speaks for. */
export interface Caller {
  readonly userId: string;
  readonly username: string;
  readonly sessionId: string;
}

/** The 32 bytes that tokens are encrypted with. */
export type TokenKeySource = () => Promise<Uint8Array>;

const KEY_MANAGEMENT = "dir";
const ENCRYPTION = "A256GCM";
const ISSUER = "gotalk";
const AUDIENCE = "gotalk";

/** Ours have about 400 characters. A longer one is refused before any work is spent on it. */
const MOST_CHARACTERS = 2_048;

/**
 * Encrypted JWTs (RFC 7516, RFC 7519): nobody but the server can read or make one. A token names a session, and is worth
 * something only as long as that session exists: see `sessions.ts`.
 */
export class Tokens {
  readonly #source: TokenKeySource;
  readonly #now: Clock;
  #key: Promise<CryptoKey> | undefined;

  constructor(source: TokenKeySource, now: Clock) {
    this.#source = source;
    this.#now = now;
  }

  /** @param expiresAt Milliseconds since the epoch. */
  async issue(caller: Caller, expiresAt: number): Promise<string> {
    return new EncryptJWT({ sid: caller.sessionId, name: caller.username })
      .setProtectedHeader({ alg: KEY_MANAGEMENT, enc: ENCRYPTION })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(caller.userId)
      .setIssuedAt(new Date(this.#now()))
      .setExpirationTime(new Date(expiresAt))
      .encrypt(await this.#importedKey());
  }

  /** @throws {InvalidToken} Whatever is wrong with it. */
  async open(token: string | undefined): Promise<Caller> {
    if (!token) throw new InvalidToken("there is no token");
    if (token.length > MOST_CHARACTERS) throw new InvalidToken("the token is too long");
    const { payload } = await jwtDecrypt(token, await this.#importedKey(), {
      keyManagementAlgorithms: [KEY_MANAGEMENT],
      contentEncryptionAlgorithms: [ENCRYPTION],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ["sub", "sid", "name", "exp"],
      currentDate: new Date(this.#now()),
    }).catch((error: unknown) => {
      throw new InvalidToken(error);
    });
    const { sub, sid, name } = payload;
    if (typeof sub !== "string" || typeof sid !== "string" || typeof name !== "string") {
      throw new InvalidToken("a claim has the wrong type");
    }
    return { userId: sub, username: name, sessionId: sid };
  }

  /** Imported once: for each token anew it would take half of the time that a token takes. A failure is not remembered. */
  #importedKey(): Promise<CryptoKey> {
    this.#key ??= this.#source()
      .then((bytes) => crypto.subtle.importKey("raw", Uint8Array.from(bytes), "AES-GCM", false, ["encrypt", "decrypt"]))
      .catch((error: unknown) => {
        this.#key = undefined;
        throw error;
      });
    return this.#key;
  }
}
