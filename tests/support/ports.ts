import { unusedPort } from "../../local/port.ts";

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> => unusedPort("127.0.0.1");
