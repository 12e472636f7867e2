export { fallback as handler } from "../lib/handlers/fallback-handler.ts";
