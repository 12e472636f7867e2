import { LIMITS } from "../contract/limits.ts";
import { GoTalkError, invalidRequest, tooLarge } from "../runtime/errors.ts";

export type Fields = Record<string, unknown>;

/** Names that goTalk's first clients use for a field. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["Token", "token"],
  ["sendTo", "sendToId"],
]);

/**
 * The fields of a body: a JSON object, or a form. An empty body has none.
 *
 * @param body As it came.
 * @param contentType The header's value.
 * @throws {GoTalkError} `too_large`: Above `LIMITS.bodyBytes`.
 * @throws {GoTalkError} `unsupported_media_type`: Neither JSON nor a form, or not in UTF-8.
 * @throws {GoTalkError} `invalid_request`: Not what its type says.
 */
export function parseBody(body: Buffer, contentType: string | undefined): Fields {
  if (body.length > LIMITS.bodyBytes) throw tooLarge("body", LIMITS.bodyBytes);
  if (body.length === 0) return {};
  const fields = parserOf(contentType)(decode(body));
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [ALIASES.get(name) ?? name, value]));
}

function parserOf(contentType = ""): (text: string) => Fields {
  const [type = "", ...parameters] = contentType
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  if (charset !== undefined && charset.replaceAll('"', "") !== "utf-8") throw new GoTalkError("unsupported_media_type");
  if (type === "application/json") return parseJson;
  if (type === "application/x-www-form-urlencoded") return parseForm;
  throw new GoTalkError("unsupported_media_type");
}

/** Strict: a byte that is not UTF-8 would arrive as another character than was sent. */
function decode(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw invalidRequest("The body is not valid UTF-8.");
  }
}

function parseJson(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidRequest("The body is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidRequest('The body must be a JSON object, such as {"token": "..."}.');
  }
  return value as Fields;
}

function parseForm(text: string): Fields {
  try {
    // URLSearchParams never fails: it would put U+FFFD in the place of what is not encoded well.
    decodeURIComponent(text);
  } catch {
    throw invalidRequest("The form is not well encoded. Percent-encode each value (curl: --data-urlencode).");
  }
  // It would take a "?" at the start for that of a URL.
  return Object.fromEntries(new URLSearchParams(`&${text}`));
}
