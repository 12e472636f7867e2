/** Does work that a browser may refuse. @returns undefined if it does */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/**
 * Whether a stored value is an object with these texts. Another version or a failing disk may have written something
 * else.
 */
export function isRecord(value: unknown, ...texts: readonly string[]): boolean {
  return (
    typeof value === "object" && value !== null && texts.every((name) => typeof Reflect.get(value, name) === "string")
  );
}
