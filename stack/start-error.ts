/** A reason why the local stack cannot start: one line for a person, which says what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** The `code` of a system or library error, or its message where it has none. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
