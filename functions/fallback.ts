import { makeFallback } from "../lib/handlers/fallback-handler.ts";

export const handler = makeFallback();
