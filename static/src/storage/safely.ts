/** What a browser may refuse: then there is nothing, and nothing is kept. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Whether a stored value is an object with these texts. What another version or a failing disk has written may not be. */
export function isRecord(value: unknown, ...texts: readonly string[]): boolean {
  return (
    typeof value === "object" && value !== null && texts.every((name) => typeof Reflect.get(value, name) === "string")
  );
}
