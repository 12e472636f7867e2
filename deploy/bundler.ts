import { createRequire } from "node:module";
import type { PluginUtils, Serverless } from "serverless-offline";

/**
 * serverless-esbuild, for the commands that package. The local stack bundles by itself (`local/function-bundles.ts`) and
 * does not load the plugin: that takes 0.4 s and 60 MB of each start, and esbuild's process would stay with 350 MB more.
 */
export default function Bundler(serverless: Serverless, options: object, utils: PluginUtils): object {
  if (serverless.processedInput.commands[0] === "offline") return {};
  const Esbuild = createRequire(import.meta.url)("serverless-esbuild");
  return new Esbuild(serverless, options, utils);
}
