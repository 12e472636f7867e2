import { signal } from "@preact/signals";

/** The files that the person has chosen, pasted or dropped, and is asked about. */
export const chosen = signal<readonly File[] | undefined>(undefined);

/** The `id` of the message whose picture is shown large. */
export const viewed = signal<string | undefined>(undefined);
