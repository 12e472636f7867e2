const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** `312 kB`, `4.2 MB`: a number of bytes, in the reader's locale. */
export function sizeText(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  const digits = power < 2 || value >= 100 ? 0 : 1;
  return value.toLocaleString(undefined, {
    style: "unit",
    unit: UNITS[power] ?? "byte",
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: digits,
  });
}

/** `0:07`, `12:30`: a duration, or a moment in a sound, in seconds. */
export const timeText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** How long a voice message is. What is heard is never said to last no time. */
export const lengthText = (seconds: number): string => timeText(Math.max(1, Math.round(seconds)));
