import { pushKeyKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import { putRecord } from "../database/put-record.ts";

/** Nobody else has made it. Without this clause two first calls would give browsers two keys. */
const IS_MISSING = "attribute_not_exists(#owner)";

/** What push services know the server by (RFC 8292): an ECDSA key on P-256. */
export interface VapidKeys {
  /** The uncompressed point in base64url, as browsers want it. */
  readonly publicKey: string;
  /** In base64url. */
  readonly privateKey: string;
}

/**
 * The key is made when it is first asked for, and kept beside the token keys, in the table `accounts`. So there is no manual step
 * and no secret in the template. It never changes: a browser subscribes for one key, and takes pushes from no other one.
 */
export class StoredVapidKeys {
  readonly #table: AccountsTable;
  #keys: Promise<VapidKeys> | undefined;

  constructor(table: AccountsTable) {
    this.#table = table;
  }

  /**
   * One read, once in the life of a running function; and a write where there was none.
   *
   * @throws {Unavailable} The database is out of reach.
   */
  get(): Promise<VapidKeys> {
    this.#keys ??= this.#readOrMake().catch((error: unknown) => {
      // A failure is not remembered.
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #readOrMake(): Promise<VapidKeys> {
    const stored = await this.#read();
    if (stored !== undefined) return stored;
    const made = await newVapidKeys();
    if (await putRecord(this.#table, { ...pushKeyKey(), ...made }, { condition: IS_MISSING })) return made;
    const others = await this.#read();
    if (others === undefined) throw new Error("the push key was there and is gone");
    return others;
  }

  async #read(): Promise<VapidKeys | undefined> {
    const stored = await getRecord<VapidKeys>(this.#table, pushKeyKey(), { consistent: true });
    const { publicKey, privateKey } = stored ?? {};
    return publicKey === undefined || privateKey === undefined ? undefined : { publicKey, privateKey };
  }
}

async function newVapidKeys(): Promise<VapidKeys> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const [point, { d = "" }] = await Promise.all([
    crypto.subtle.exportKey("raw", pair.publicKey),
    crypto.subtle.exportKey("jwk", pair.privateKey),
  ]);
  return { publicKey: Buffer.from(point).toString("base64url"), privateKey: d };
}
