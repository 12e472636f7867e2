import { fromBase64, toBase64Url } from "../../../lib/client/index.ts";

const IV_BYTES = 12;

/** Keeps this key apart from all others that may ever be made of a code. */
const PURPOSE = "gotalk history 1";

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/**
 * The key that a code stands for (HKDF, RFC 5869). The code is random and long enough, so that nothing has to make guessing slow. The
 * user's id is the salt: what was sealed for one user opens for no other.
 */
async function keyOf(code: string, userId: string): Promise<CryptoKey> {
  const { subtle } = crypto;
  const secret = await subtle.importKey("raw", bytesOf(code), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: bytesOf(userId), info: bytesOf(PURPOSE) };
  return subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** Seals a text by a code (AES-256-GCM). @returns the nonce and the ciphertext, in base64url */
export async function seal(text: string, code: string, userId: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await keyOf(code, userId);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytesOf(text));
  return toBase64Url(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}

/** Opens what was sealed. @returns undefined if it was sealed by another code or for another user, or is damaged */
export async function unseal(sealed: string, code: string, userId: string): Promise<string | undefined> {
  const bytes = fromBase64(sealed);
  if (bytes === undefined) return undefined;
  const key = await keyOf(code, userId);
  try {
    const iv = bytes.slice(0, IV_BYTES);
    const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.slice(IV_BYTES));
    return new TextDecoder("utf-8", { fatal: true }).decode(opened);
  } catch {
    return undefined;
  }
}
