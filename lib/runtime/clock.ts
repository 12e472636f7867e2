/** The time now, in milliseconds since the epoch. Handed in, so that tests can set it. */
export type Clock = () => number;

/** RFC 3339, UTC, with milliseconds. */
export const timestamp = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Whole epoch seconds, as DynamoDB's TTL wants them: rounded up, so that nothing ends early. */
export const epochSeconds = (milliseconds: number): number => Math.ceil(milliseconds / 1_000);
