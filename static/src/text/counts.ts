/** `1 message`, `12,000 messages`: a number of things, in the reader's locale. */
export const counted = (count: number, thing: string): string =>
  `${count.toLocaleString()} ${count === 1 ? thing : `${thing}s`}`;
