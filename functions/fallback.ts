import { serve } from "../lib/http/http.ts";
import { GoTalkError } from "../lib/runtime/errors.ts";

const ROUTES: readonly { readonly path: RegExp; readonly methods: readonly string[] }[] = [
  { path: /^\/(send|sync|register|login|logout|password|account\/delete)$/, methods: ["POST"] },
  { path: /^\/(users\/[^/]+|sessions|blocks)$/, methods: ["GET"] },
  { path: /^\/sessions\/[^/]+$/, methods: ["DELETE"] },
  { path: /^\/blocks\/[^/]+$/, methods: ["PUT", "DELETE"] },
];

/** Whatever no route takes: a known path with another method, or an unknown path. */
export const handler = serve(async ({ path }) => {
  const known = ROUTES.find((route) => route.path.test(path));
  if (known)
    throw new GoTalkError("method_not_allowed", {
      values: [known.methods.join(", ")],
      headers: { allow: known.methods.join(", ") },
    });
  throw new GoTalkError("not_found", {
    detail:
      "The routes are /register, /login, /logout, /password, /account/delete, /sessions, /users/{username}, /blocks, /send and /sync.",
  });
});
