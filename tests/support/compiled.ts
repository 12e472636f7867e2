import { fileURLToPath } from "node:url";

/** Where `npm start` keeps compiled code too. */
export const COMPILED = fileURLToPath(new URL("../../node_modules/.cache/gotalk/compiled", import.meta.url));
