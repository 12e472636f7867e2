const UNITS = ["bytes", "KB", "MB", "GB"] as const;

/** How large something is, for people: `1.2 MB`. */
export function sizeWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const size = bytes / 1_000 ** power;
  const shown = power === 0 || size >= 99.5 ? size.toFixed(0) : size.toFixed(1);
  return `${shown} ${power === 0 && bytes === 1 ? "byte" : UNITS[power]}`;
}
