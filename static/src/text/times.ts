const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const shortDate = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const DAY_MS = 86_400_000;

/** `14:05`, as the reader writes it. All take RFC 3339. */
export const clockTime = (time: string): string => clock.format(new Date(time));

export const fullTime = (time: string): string => full.format(new Date(time));

/** Short enough for a list, and good for any year. */
export const dateAndTime = (time: string): string => moment.format(new Date(time));

/** Tells the reader's days apart. */
export const dayKey = (time: string): string => new Date(time).toDateString();

/** `today`, `yesterday`, or the date. */
export function dayName(time: string): string {
  const days = daysAgo(time);
  const name = days === 0 || days === 1 ? relative.format(-days, "day") : date.format(new Date(time));
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

/** The time for today's, the date for older ones. */
export const briefTime = (time: string): string =>
  daysAgo(time) === 0 ? clockTime(time) : shortDate.format(new Date(time));

function daysAgo(time: string): number {
  const midnight = (day: Date): number => new Date(day).setHours(0, 0, 0, 0);
  // Days of 23 and 25 hours round to 1.
  return Math.round((midnight(new Date()) - midnight(new Date(time))) / DAY_MS);
}
