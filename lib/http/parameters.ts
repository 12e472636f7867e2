import type { Fields } from "./body.ts";
import type { Request } from "./http.ts";

/**
 * The fields of a request, and the parts of its path that its route has in braces. Those come from the path alone: a body
 * that has a field of such a name changes nothing.
 */
export function parametersOf(request: Request): Fields {
  const names = [...request.route.matchAll(/(?<=\{)\w+(?=\})/g)].map(([name]) => name);
  return { ...request.fields(), ...Object.fromEntries(names.map((name) => [name, request.pathParameters[name]])) };
}
