/** What people write. */
export const SHORT_MESSAGE = "Are you there? It is about tonight.";
