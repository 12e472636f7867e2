/** A message as people write it. */
export const SHORT_MESSAGE = "Are you there? It is about tonight.";
