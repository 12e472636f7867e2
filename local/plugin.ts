import { join, resolve } from "node:path";
import { inspect } from "node:util";
import ServerlessOffline, { type PluginUtils, type Serverless } from "serverless-offline";
import { buildPage } from "../stack/page-build.ts";
import { reason, StartError } from "../stack/start-error.ts";
import { tablesIn } from "../stack/tables.ts";
import { addressesOf } from "./addresses.ts";
import { prepareApiServer } from "./api-server.ts";
import { openDataFolder } from "./data-folder.ts";
import { startEmbedded, useExternal } from "./database.ts";
import type { Engine } from "./engine.ts";
import { completeSdkSettings, dropDeployed, functionEnvironment } from "./environment.ts";
import { type FileStoreSide, prepareFileStore } from "./file-store.ts";
import { type Bundles, bundleFunctions } from "./function-bundles.ts";
import { functionSettings, partsOf } from "./function-settings.ts";
import { followChanges } from "./hot-functions.ts";
import { rememberRightConfigurations } from "./known-configuration.ts";
import { replaceLambda } from "./lambda.ts";
import { listenAlso } from "./listen-also.ts";
import { type LiveSide, prepareLive } from "./live.ts";
import { quiet, quietly } from "./output.ts";
import { ownHostNames, urlOf } from "./own-hosts.ts";
import { freePort } from "./port.ts";
import { type PushEndpoint, preparePush } from "./push-endpoint.ts";
import { announceEngine, withdrawEngine } from "./running-engine.ts";
import { openTokenKey } from "./token-key.ts";

/** How long requests that are being answered may go on when the stack stops. */
const DRAIN_MS = 2000;

/**
 * `serverless offline` with all that goTalk needs: a database that keeps its data, its tables, and the token key.
 *
 * It is serverless-offline itself, extended, so that the order of start and stop is its own: the database is up before
 * the first request can come, and goes down after the last was answered.
 */
export default class LocalStack extends ServerlessOffline {
  readonly #serverless: Serverless;
  readonly #options: Record<string, unknown>;
  readonly #log: PluginUtils["log"];
  #engine: Engine | undefined;
  #live: LiveSide | undefined;
  #files: FileStoreSide | undefined;
  #push: PushEndpoint | undefined;
  #host: string | undefined;
  #port = 0;
  #stopListening = (): void => {};
  #stopFollowing = (): void => {};

  constructor(serverless: Serverless, options: Record<string, unknown>, utils: PluginUtils) {
    super(serverless, options, quiet(utils));
    this.#log = utils.log;
    this.#serverless = serverless;
    this.#options = options;
    if (serverless.processedInput.commands[0] === "offline") {
      rememberRightConfigurations(serverless, join(this.#cache, "configurations"));
    }
    const prepare = (): Promise<void> => this.#prepare().catch(giveUp);
    this.hooks["before:offline:start"] = prepare;
    this.hooks["before:offline:start:init"] = prepare;
  }

  async #prepare(): Promise<void> {
    const { provider, resources, custom, functions } = this.#serverless.service;
    const { httpPort, host } = this.#settings;
    const folder = this.#dataFolder;
    openDataFolder(folder);
    const tokenKey = openTokenKey(folder);
    this.#host = host === undefined ? undefined : String(host);
    this.#port = await freePort(httpPort, this.#host);
    const hosts = ownHostNames(this.#host, String(custom["gotalk"]?.["hosts"] ?? ""));

    let [bundles] = await Promise.all([this.#bundle(), buildPage()]);

    const tables = tablesIn(resources?.Resources ?? {});
    const external = process.env["AWS_ENDPOINT_URL_DYNAMODB"];
    completeSdkSettings(provider.region, external);
    const engine = external ? await useExternal(external, tables) : await startEmbedded(folder, tables);
    this.#engine = engine;
    if (!external) announceEngine(folder, engine);
    process.env["AWS_ENDPOINT_URL_DYNAMODB"] = engine.endpoint;
    provider.environment = functionEnvironment(provider.environment ?? {}, tables, tokenKey);
    const fail = (error: unknown): void => this.#log.error(inspect(error));
    this.#files = prepareFileStore(functions, { folder, tokenKey, region: provider.region, fail });
    for (const { environment } of Object.values(functions)) dropDeployed(environment);
    const lambda = replaceLambda(
      (_, definition) => functionSettings(definition, provider, () => bundles, engine),
      (functionKey, error) => this.#log.error(`The function ${functionKey} has failed: ${inspect(error)}`),
    );
    // Only somebody at a terminal edits while it runs.
    if (process.stdout.isTTY) {
      this.#stopFollowing = followChanges({
        root: this.#serverless.serviceDir,
        bundle: () => this.#bundle(),
        use: (changed) => {
          bundles = changed;
          lambda.reload();
        },
        fail: (error) => this.#log.error(error instanceof Error ? error.message : String(error)),
      });
    }
    const live = await prepareLive(functions, provider.environment, lambda.invoke);
    this.#push = await preparePush(provider.environment, lambda.invoke);
    await prepareApiServer(hosts, live, this.#files);
    this.#live = live;
    // In the command line's settings, which go first.
    this.#options["host"] = addressesOf(this.#host)[0];
  }

  /** serverless-offline's settings, in its own order: the command line goes first. */
  get #settings(): Record<string, unknown> {
    return { ...this.#serverless.service.custom["serverless-offline"], ...this.#options };
  }

  get #dataFolder(): string {
    return resolve(
      this.#serverless.serviceDir,
      String(this.#serverless.service.custom["gotalk"]?.["data"] || ".local"),
    );
  }

  #bundle(): Promise<Bundles> {
    const { functions, custom } = this.#serverless.service;
    const entries = Object.values(functions).map(({ handler }) => partsOf(handler).entry);
    // Somebody else's clone may be read-only.
    const places = [join(this.#cache, "functions"), join(this.#dataFolder, "bundles")];
    return bundleFunctions(entries, custom["esbuild"] ?? {}, places);
  }

  /** For what each start would make anew. All of it may be deleted at any time. */
  get #cache(): string {
    return join(this.#serverless.serviceDir, "node_modules/.cache/gotalk");
  }

  override async start(): Promise<void> {
    await quietly(() => super.start());
    const { listener } = this.internals().getApiGatewayServer();
    this.#stopListening = await listenAlso(listener, this.#port, addressesOf(this.#host).slice(1)).catch((error) =>
      giveUp(new StartError(`Port ${this.#port} cannot be used (${reason(error)}).`, { cause: error })),
    );
    process.stdout.write(
      `goTalk listens on ${urlOf(this.#host, this.#port)}\n  data  ${this.#engine?.data}\n  stop  Ctrl-C\n`,
    );
  }

  override async end(): Promise<void> {
    this.#stopFollowing();
    this.#stopListening();
    this.#live?.stop();
    this.#files?.stop();
    this.#push?.stop();
    await this.internals().getApiGatewayServer().stop({ timeout: DRAIN_MS });
    await super.end(true);
    withdrawEngine(this.#dataFolder);
    await this.#engine?.stop();
    process.exit(0);
  }
}

/** Ends the process also for a fault that nobody has foreseen: what has been started already would keep it alive. */
function giveUp(error: unknown): never {
  process.stderr.write(`goTalk cannot start: ${error instanceof StartError ? error.message : inspect(error)}\n`);
  process.exit(1);
}
