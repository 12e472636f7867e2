import { makeFallback } from "../lib/handlers/fallback.ts";

export const handler = makeFallback();
