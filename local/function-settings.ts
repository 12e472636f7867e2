import type { FunctionDefinition } from "serverless-offline/lambda";
import type { Engine } from "./engine.ts";
import type { Bundles } from "./function-bundles.ts";
import type { FunctionSettings } from "./function-host.ts";

/** Of Lambda, where `serverless.yml` says nothing. */
const DEFAULT_MEMORY = 1_024;
const DEFAULT_TIMEOUT = 6;

/** What `serverless.yml` says for all functions. */
interface Provider {
  readonly region: string;
  readonly timeout?: number;
  readonly memorySize?: number;
  readonly environment?: Readonly<Record<string, unknown>>;
}

/**
 * How a function is to be run: what `serverless.yml` declares for it, and before that for all. Its environment also has
 * every `AWS_` variable of this process (the engine and credentials are among them), and Lambda's own.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function functionSettings(
  definition: FunctionDefinition,
  provider: Provider,
  bundles: () => Bundles,
  engine: Engine,
): FunctionSettings {
  const { handler, name } = definition;
  const { entry, handler: exported } = partsOf(handler);
  const memorySize = definition.memorySize ?? provider.memorySize ?? DEFAULT_MEMORY;
  return {
    name,
    memorySize,
    timeout: (definition.timeout ?? provider.timeout ?? DEFAULT_TIMEOUT) * 1_000,
    environment: asText({
      ...Object.fromEntries(Object.entries(process.env).filter(([variable]) => variable.startsWith("AWS_"))),
      _HANDLER: handler,
      AWS_REGION: provider.region,
      AWS_DEFAULT_REGION: provider.region,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memorySize,
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: "local",
      LAMBDA_TASK_ROOT: "/var/task",
      LAMBDA_RUNTIME_DIR: "/var/runtime",
      LANG: "en_US.UTF-8",
      IS_OFFLINE: "true",
      ...provider.environment,
      ...definition.environment,
    }),
    engine,
    code: () => ({ bundle: bundles().urlOf(entry), name: exported }),
  };
}

/** @param handler such as `functions/send.handler` */
export function partsOf(handler: string): { entry: string; handler: string } {
  const dot = handler.lastIndexOf(".");
  return { entry: handler.slice(0, dot), handler: handler.slice(dot + 1) };
}

const asText = (environment: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
