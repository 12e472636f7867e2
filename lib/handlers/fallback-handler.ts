import { partsOf, ROUTE_KEYS } from "../contract/routes.ts";
import { type Handler, serve } from "../http/http.ts";
import { GoTalkError } from "../runtime/errors.ts";

const ROUTES = ROUTE_KEYS.map(partsOf);

/** The paths of the API, as an error lists them. */
const PATHS = [...new Set(ROUTES.map(({ path }) => path))].join(", ");

/** Whether a path is one of a route's: what stands in braces is any one part of it. */
const isOf = (path: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path);

/** Handles what no route takes: a known path with another method, or an unknown path. It needs no services. */
export const fallback: Handler = serve(async ({ path }) => {
  const methods = ROUTES.filter((route) => isOf(path, route.path)).map(({ method }) => method);
  if (methods.length === 0) throw new GoTalkError("not_found", { detail: `The paths are ${PATHS}.` });
  const allow = methods.join(", ");
  throw new GoTalkError("method_not_allowed", { values: [allow], headers: { allow } });
});
