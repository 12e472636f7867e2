const two = (number: number): string => String(number).padStart(2, "0");

/** Local time, as `2026-03-12 19:03`. A text that is no time stays as it is. */
export function localTime(timestamp: string): string {
  const time = new Date(timestamp);
  if (Number.isNaN(time.getTime())) return timestamp;
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(two).join("-");
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
