import type { Wire } from "./wire.ts";

/** The next frame. Undefined: the connection was closed without one, as a busy stack has no time to say why. */
export const heard = (wire: Wire): Promise<Wire["unheard"][number] | undefined> =>
  wire.arrival().then(
    () => wire.unheard.shift(),
    () => undefined,
  );
