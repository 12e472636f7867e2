/** The parts of untyped packages that the local stack uses. */

declare module "dynalite" {
  import type { Server } from "node:http";

  /** An HTTP server that answers as DynamoDB does. Without a `path` it keeps everything in memory. */
  export default function dynalite(options: { path?: string; createTableMs?: number }): Server;
}

declare module "serverless-offline" {
  import type { Server } from "node:http";
  import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

  type Log = Record<"debug" | "error" | "info" | "notice" | "verbose" | "warning", (...args: unknown[]) => void>;

  export interface PluginUtils {
    log: Log;
    progress: unknown;
  }

  export interface Serverless {
    serviceDir: string;
    processedInput: { commands: string[] };
    service: {
      provider: {
        environment?: Record<string, unknown>;
        region: string;
        stackTags: Record<string, string>;
        /** There while a package is made. */
        compiledCloudFormationTemplate: { Outputs: Record<string, unknown> };
      };
      resources?: { Resources?: Record<string, unknown> };
      custom: Record<string, Record<string, unknown>>;
      functions: Record<string, { environment?: Record<string, unknown> }>;
    };
    classes: { Error: new (message: string) => Error };
    pluginManager: { plugins: OwnPlugin[] };
    getProvider(name: "aws"): AwsProvider;
  }

  /** The framework's own plugins: of the one that deploys, and of the one that removes. The others have none of it. */
  interface OwnPlugin {
    getCreateChangeSetParams?(input: unknown): Record<string, unknown>;
    emptyS3Bucket?(): Promise<void>;
    removeStack?(): Promise<unknown>;
    monitorStack?(action: string, stack: unknown): Promise<unknown>;
  }

  interface AwsProvider {
    naming: { getStackName(): string };
    /** For clients of the SDK, version 3. */
    getAwsSdkV3Config(): Promise<{ region: string; credentials: NonNullable<DynamoDBClientConfig["credentials"]> }>;
  }

  /** A response of hapi. */
  interface Response {
    type(value: string): Response;
    header(name: string, value: string): Response;
    etag(tag: string): Response;
  }

  /** hapi's server. */
  export interface ApiServer {
    listener: Server;
    route(route: {
      method: string;
      path: string;
      handler(request: unknown, toolkit: { response(content: Buffer): Response }): Response;
    }): void;
    stop(options: { timeout: number }): Promise<void>;
  }

  export default class ServerlessOffline {
    constructor(serverless: Serverless, options: Record<string, unknown>, utils: PluginUtils);
    hooks: Record<string, () => Promise<void>>;
    start(): Promise<void>;
    end(skipExit?: boolean): Promise<void>;
    internals(): { getApiGatewayServer(): ApiServer };
  }
}

declare module "serverless-offline/lambda" {
  export interface LambdaFunction {
    setEvent(event: unknown): void;
    setClientContext(context: unknown): void;
    runHandler(): Promise<unknown>;
  }

  export default class Lambda {
    get(functionKey: string): LambdaFunction;
  }
}
