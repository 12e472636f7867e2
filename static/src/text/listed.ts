/** Names, each once, as a part of an English sentence: `A, B and C`. */
export function listed(names: readonly string[]): string {
  const once = [...new Set(names)];
  return new Intl.ListFormat("en-GB").format(once);
}
