/**
 * The page may load its own files and talk to its own server, and nothing else. In particular it has no inline script
 * or style, no HTML from strings (Trusted Types), and no frame around it.
 */
const DIRECTIVES: Readonly<Record<string, string>> = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self'",
  "connect-src": "'self'",
  "manifest-src": "'self'",
  "worker-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
  "require-trusted-types-for": "'script'",
  "trusted-types": "gotalk",
};

/** Browsers accept these in a header only, and warn of them in a `<meta>`. */
const HEADER_ONLY = new Set(["frame-ancestors"]);

const join = (entries: readonly (readonly [string, string])[]): string =>
  entries.map(([name, value]) => `${name} ${value}`).join("; ");

/** The value of the header `Content-Security-Policy`. */
export const contentSecurityPolicy = join(Object.entries(DIRECTIVES));

/** The same for a `<meta>`, which works wherever the files are. */
export const metaPolicy = join(Object.entries(DIRECTIVES).filter(([name]) => !HEADER_ONLY.has(name)));
