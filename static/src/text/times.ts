import { computed, signal } from "@preact/signals";

/** The reader's day and time zone. It changes at midnight and on a journey into another zone. */
export const today = signal(readToday());

/** Formats that follow the reader's time zone. */
const formats = computed(() => {
  void today.value;
  return {
    clock: new Intl.DateTimeFormat(undefined, { timeStyle: "short" }),
    full: new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" }),
    moment: new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }),
    date: new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    shortDate: new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" }),
  };
});

const utcDate = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Checks the calendar each minute and when the page becomes visible: no event tells of midnight or of a journey. */
export function followCalendar(): void {
  const check = () => {
    today.value = readToday();
  };
  setInterval(check, MINUTE_MS);
  document.addEventListener("visibilitychange", check);
}

/** `14:05`, in the reader's locale. All these functions take RFC 3339. */
export const clockTime = (time: string): string => formats.value.clock.format(new Date(time));

export const fullTime = (time: string): string => formats.value.full.format(new Date(time));

/** Short enough for a list, and good for any year. */
export const dateAndTime = (time: string): string => formats.value.moment.format(new Date(time));

/** The same for all times of one of the reader's days. */
export const dayKey = (time: string): string => new Date(time).toDateString();

/** `today`, `yesterday`, or the date. */
export function dayName(time: string): string {
  const days = daysAgo(time);
  const name = days === 0 || days === 1 ? relative.format(-days, "day") : formats.value.date.format(new Date(time));
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

/** `today`, `yesterday`, or the date: of a day in UTC, such as `2026-03-12`. The reader's own day may be another one. */
export function utcDayName(day: string): string {
  const start = Date.parse(day);
  if (Number.isNaN(start)) return day;
  const days = Math.max(0, Math.floor((Date.now() - start) / DAY_MS));
  return days <= 1 ? relative.format(-days, "day") : utcDate.format(start);
}

/** The time if it is today, otherwise the date. */
export const briefTime = (time: string): string =>
  daysAgo(time) === 0 ? clockTime(time) : formats.value.shortDate.format(new Date(time));

function daysAgo(time: string): number {
  const midnight = (day: Date): number => new Date(day).setHours(0, 0, 0, 0);
  // Days of 23 and 25 hours round to 1.
  return Math.round((midnight(new Date()) - midnight(new Date(time))) / DAY_MS);
}

function readToday(): string {
  return `${new Date().toDateString()}, ${new Intl.DateTimeFormat().resolvedOptions().timeZone}`;
}
