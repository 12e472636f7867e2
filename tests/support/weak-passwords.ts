import { Passwords } from "../../lib/accounts/passwords.ts";

/** Hashes that cost next to nothing, for tests that are not about them: a real one takes a twentieth of a second. */
export const weakPasswords = new Passwords({
  memorySize: 8,
  iterations: 1,
  parallelism: 1,
  nobody: "$argon2id$v=19$m=8,t=1,p=1$cm5ibuysb3WPYxJpfWgXpg$TS6UCSuDiGXNRwn263cTyewmFONM5tz4KOlJRxT4Dok",
});
