import type { PluginUtils } from "serverless-offline";

/** Turns serverless-offline's notices, two for each request among them, into details that only `--verbose` shows. */
export function quiet(utils: PluginUtils): PluginUtils {
  const { log } = utils;
  const { debug, error, info, verbose, warning } = log;
  return { ...utils, log: { debug, error, info, notice: info, verbose, warning } };
}

/** Runs something that prints to the console past its own log, as serverless-offline does with its table of routes. */
export async function quietly<Result>(run: () => Promise<Result>): Promise<Result> {
  const { log } = console;
  console.log = () => {};
  try {
    return await run();
  } finally {
    console.log = log;
  }
}
