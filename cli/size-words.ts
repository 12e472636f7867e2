const UNITS = ["bytes", "KB", "MB", "GB"] as const;

/** How large something is, for people: `1.2 MB`. */
export function sizeWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const size = bytes / 1_000 ** power;
  const shown = power === 0 || size >= 99.5 ? size.toFixed(0) : size.toFixed(1);
  return `${shown} ${power === 0 && bytes === 1 ? "byte" : UNITS[power]}`;
}

/** How long a sound is, for people: `0:12`. What is heard is never said to last no time. */
export function lengthWords(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
