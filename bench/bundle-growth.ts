/** Bytes after minification, by package; goTalk's own code is "gotalk". */
export interface Report {
  readonly bytes: number;
  readonly packages: Readonly<Record<string, number>>;
}

interface Growth {
  readonly name: string;
  readonly bytes: number;
  /** Bytes at most; 0 for a function that the report before does not know. */
  readonly allowed: number;
  readonly isTooLarge: boolean;
}

const MOST_GROWTH = 1.05;

/** What each bundle has come to since the report that is checked in. */
export function growthsOf(before: Record<string, Report>, after: Record<string, Report>): Growth[] {
  return Object.entries(after).map(([name, { bytes }]) => {
    const allowed = Math.floor((before[name]?.bytes ?? 0) * MOST_GROWTH);
    return { name, bytes, allowed, isTooLarge: bytes > allowed };
  });
}
