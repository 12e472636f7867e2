/** The time in a UUIDv7, in milliseconds since the epoch: its first 48 bits (RFC 9562, 5.7). */
export const timeOf = (uuid: string): number => Number.parseInt(uuid.replace("-", "").slice(0, 12), 16);
