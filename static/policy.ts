/**
 * The page may load its own files and talk to its own server, and nothing else. In particular it has no inline script
 * or style, no HTML from strings (Trusted Types), and no frame around it.
 */
const DIRECTIVES: Readonly<Record<string, string>> = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  // Pictures, videos and sounds that people send: the page decrypts them, and gives them a type that it allows.
  "img-src": "'self' blob:",
  "media-src": "blob:",
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

/** The directives, with another source that the page may talk to. */
const connectingTo = (source: string): [string, string][] =>
  Object.entries(DIRECTIVES).map(([name, sources]) => [
    name,
    name === "connect-src" ? `${sources} ${source}` : sources,
  ]);

/** The value of the header `Content-Security-Policy` where the store of files is on the page's own host. */
export const contentSecurityPolicy = join(Object.entries(DIRECTIVES));

/** The same where the store is elsewhere. @param store Its origin. */
export const policyWithStore = (store: string): string => join(connectingTo(store));

/**
 * The same for a `<meta>`, which works wherever the files are. A page that is built does not know where the store will be; the header,
 * which comes with it, does.
 */
export const metaPolicy = join(connectingTo("https:").filter(([name]) => !HEADER_ONLY.has(name)));

/** The value of the header `Permissions-Policy`: the page records voice messages, and asks for nothing else. */
export const permissionsPolicy = "camera=(), display-capture=(), geolocation=(), microphone=(self)";
