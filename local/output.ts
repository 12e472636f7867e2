import type { Logger, PluginUtils } from "serverless-offline";

/**
 * Turns serverless-offline's notices, two for each request among them, into details that only `--verbose` shows. A line that
 * nothing shows, of which each request has a dozen, is not made.
 */
export function quiet(utils: PluginUtils): PluginUtils {
  const { log } = utils;
  const { error, warning } = log;
  const info = whenShown(log.info);
  return {
    ...utils,
    log: { debug: whenShown(log.debug), error, info, notice: info, verbose: whenShown(log.verbose), warning },
  };
}

const whenShown =
  (logger: Logger): Logger =>
  (...line) => {
    if (logger.isEnabled !== false) logger(...line);
  };

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
