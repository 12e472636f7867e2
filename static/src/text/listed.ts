/** Names that are told. The others are counted. */
const MOST = 3;

/**
 * Names, each once, as a part of an English sentence: `A, B and C`, or `A, B, C and 4 others`.
 *
 * @param another What a single one more is called.
 */
export function listed(names: readonly string[], another = "another device"): string {
  const once = [...new Set(names)];
  const left = once.length - MOST;
  const rest = left > 0 ? [left === 1 ? another : `${left} others`] : [];
  return new Intl.ListFormat("en-GB").format([...once.slice(0, MOST), ...rest]);
}
