/** A JSON object whose fields are not known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object; an empty one when it is anything else. */
export const asObject = (value: unknown): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

/** The value when it is a string that is not empty. */
export const asText = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** The parsed text; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Accepts an object that has these strings. The caller vouches for the other fields of `T`. */
export const withTexts =
  <T>(...names: (keyof T & string)[]) =>
  (value: unknown): T | undefined =>
    names.every((name) => asText(asObject(value)[name]) !== undefined) ? (value as T) : undefined;
