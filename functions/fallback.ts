import { MethodNotAllowed, NotFound } from "../lib/errors.ts";
import { serve } from "../lib/http.ts";

const ROUTES: readonly { readonly path: RegExp; readonly method: string }[] = [
  { path: /^\/(send|sync|register|login|logout)$/, method: "POST" },
  { path: /^\/users\/[^/]+$/, method: "GET" },
];

/** Whatever no route takes: a known path with another method, or an unknown path. */
export const handler = serve(async ({ path }) => {
  const known = ROUTES.find((route) => route.path.test(path));
  if (known) throw new MethodNotAllowed([known.method]);
  throw new NotFound("The routes are /register, /login, /logout, /users/{username}, /send and /sync.");
});
