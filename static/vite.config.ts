import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { minify } from "terser";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { metaPolicy } from "./policy.ts";
import { renderReference } from "./reference/render.ts";

const inFolder = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The page is drawn when it knows the theme: a dark one must not begin with a white flash. */
const noFlash: Plugin = {
  name: "no-flash",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
  },
};

/** Puts the policy into the built page. Vite's development server needs inline scripts, so it has no policy. */
const policy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: metaPolicy }, injectTo: "head-prepend" },
  ],
};

/**
 * A part that is loaded later is imported, and no more. Vite would add what loads its stylesheets and its own imports first: the
 * parts have no stylesheets, and the worker keeps all of them.
 */
const plainImports: Plugin = {
  name: "plain-imports",
  enforce: "pre",
  load: (id) => (id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : undefined),
};

/**
 * Vite's minifier makes about 1,200 bytes less of what is loaded at first, gzipped, where terser went before it: terser puts
 * functions and values where they are used. Terser gives no names, as Vite's short names compress better.
 */
const terser: Plugin = {
  name: "terser",
  apply: "build",
  renderChunk: async (code) => {
    const { code: less = code } = await minify(code, { module: true, ecma: 2020, mangle: false });
    return { code: less, map: null };
  },
};

/** Makes the reference page from the OpenAPI document: HTML without a script. */
const reference: Plugin = {
  name: "reference",
  transformIndexHtml: {
    order: "pre",
    handler: (html) => html.replace("<!-- reference -->", () => renderReference(readDocument())),
  },
};

const readDocument = () => JSON.parse(readFileSync(new URL("public/openapi.json", import.meta.url), "utf8"));

export default defineConfig({
  root: inFolder("."),
  publicDir: "public",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    rolldownOptions: {
      // What the client's index names and only a later part needs is loaded with that part.
      treeshake: { moduleSideEffects: (id) => !id.includes("/lib/client/") },
      input: ["index.html", "reference.html"].map(inFolder),
      // All that the page needs at first is one file, which is smaller than several.
      output: { codeSplitting: { groups: [{ name: "index", test: /\/src\/main\.tsx$/ }] } },
    },
    // These know light-dark(), which would otherwise be replaced.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    emptyOutDir: true,
    // A data: URL would need a hole in the policy.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
  plugins: [
    reference,
    policy,
    noFlash,
    plainImports,
    terser,
    VitePWA({
      strategies: "injectManifest",
      srcDir: ".",
      filename: "worker.ts",
      injectRegister: null,
      // The worker's own build would print at every start of the local stack.
      integration: {
        configureCustomSWViteBuild: (options) => {
          options.logLevel = "error";
        },
      },
      // The reference is not a part of the page: its readers are online.
      injectManifest: {
        globPatterns: ["**/*.{html,js,css,svg,png}"],
        globIgnores: ["**/reference*"],
        buildPlugins: { vite: [terser] },
      },
      manifest: {
        id: "/",
        name: "goTalk",
        short_name: "goTalk",
        description: "Simple messages that always arrive, exactly once.",
        start_url: "/",
        display: "standalone",
        background_color: "#f4f5f2",
        theme_color: "#f4f5f2",
        icons: [
          { src: "/icons/icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "/icons/icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "/icons/maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
        ],
      },
    }),
  ],
});
