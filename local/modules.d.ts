/** The parts of untyped packages that the local stack uses. */

declare module "dynalite" {
  import type { Server } from "node:http";

  /** An HTTP server that answers as DynamoDB does. Without a `path` it keeps everything in memory. */
  export default function dynalite(options: { path?: string; createTableMs?: number }): Server;
}

declare module "serverless-offline" {
  import type { Server } from "node:http";
  import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

  interface Logger {
    (...args: unknown[]): void;
    /** Whether its lines are shown. The framework's own loggers tell. */
    readonly isEnabled?: boolean;
  }

  type Log = Record<"debug" | "error" | "info" | "notice" | "verbose" | "warning", Logger>;

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
        stage: string;
        region: string;
        timeout?: number;
        memorySize?: number;
        stackTags: Record<string, string>;
        /** There while a package is made, and while it is deployed. */
        compiledCloudFormationTemplate: {
          Parameters: Record<string, { Default?: string }>;
          Resources: Record<
            string,
            { Type: string; DependsOn?: string | string[]; Properties?: Record<string, never> }
          >;
          Outputs: Record<string, unknown>;
        };
      };
      resources?: { Resources?: Record<string, unknown> };
      custom: Record<string, Record<string, unknown>>;
      functions: Record<
        string,
        { handler: string; environment?: Record<string, unknown>; events?: Record<string, unknown>[] }
      >;
    };
    classes: { Error: new (message: string) => Error };
    configSchemaHandler: { validateConfig(configuration: Readonly<Record<string, unknown>>): Promise<void> };
    pluginManager: { plugins: OwnPlugin[] };
    getProvider(name: "aws"): AwsProvider;
  }

  /** What single plugins have: the one that deploys, and the one that removes. The others have none of it. */
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
    code(status: number): Response;
    type(value: string): Response;
    header(name: string, value: string): Response;
    etag(tag: string): Response;
  }

  /** A request of hapi. */
  interface Request {
    headers: Record<string, string>;
    mime: string | null;
    payload: unknown;
  }

  /** hapi's server. */
  export interface ApiServer {
    listener: Server;
    route(route: {
      method: string;
      path: string;
      handler(request: unknown, toolkit: { response(content: Buffer): Response }): Response;
    }): void;
    ext(moment: "onPostAuth", change: (request: Request, toolkit: { continue: symbol }) => symbol): void;
    ext(
      moment: "onPreResponse",
      change: (
        request: { response: { isBoom?: false } | { isBoom: true; output: { statusCode: number } } },
        toolkit: { continue: symbol; response(content: string): Response },
      ) => symbol | Response,
    ): void;
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
    runHandler(): Promise<unknown>;
  }

  /** A function as `serverless.yml` declares it, with the name that the framework gives it. */
  export interface FunctionDefinition {
    name: string;
    handler: string;
    timeout?: number;
    memorySize?: number;
    environment?: Record<string, unknown>;
  }

  export default class Lambda {
    create(functions: { functionKey: string; functionDefinition: FunctionDefinition }[]): void;
    get(functionKey: string): LambdaFunction;
    start(): Promise<void>;
    stop(): Promise<void>;
    cleanup(): Promise<void>;
  }
}

declare module "ws" {
  import type { EventEmitter } from "node:events";
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";

  export class WebSocket extends EventEmitter<{
    message: [data: Buffer, isBinary: boolean];
    ping: [data: Buffer];
    close: [];
    error: [error: Error];
  }> {
    static readonly OPEN: number;
    readonly readyState: number;
    /** Bytes that were sent, and that the client has not taken yet. */
    readonly bufferedAmount: number;
    send(text: string): void;
    pong(data: Buffer): void;
    close(code: number, reason: string): void;
    terminate(): void;
    pause(): void;
    resume(): void;
  }

  export class WebSocketServer {
    constructor(options: {
      noServer: true;
      maxPayload: number;
      maxFragments: number;
      autoPong: boolean;
      verifyClient(info: { req: IncomingMessage }, done: (isTaken: boolean, status?: number) => void): void;
    });
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: (socket: WebSocket) => void): void;
  }
}
