import { join, relative, resolve } from "node:path";
import { inspect } from "node:util";
import ServerlessOffline, { type PluginUtils, type Serverless } from "serverless-offline";
import { addressesOf } from "./addresses.ts";
import { prepareApiServer } from "./api-server.ts";
import { boundConcurrency } from "./concurrency.ts";
import { openDataFolder } from "./data-folder.ts";
import { startEmbedded, useExternal } from "./database.ts";
import type { Engine } from "./engine.ts";
import { completeSdkSettings, dropDeployed, functionEnvironment } from "./environment.ts";
import { takeLambda } from "./lambda.ts";
import { listenAlso } from "./listen-also.ts";
import { type LiveSide, prepareLive } from "./live.ts";
import { quiet, quietly } from "./output.ts";
import { ownHostNames, urlOf } from "./own-hosts.ts";
import { buildPage } from "./page-build.ts";
import { freePort } from "./port.ts";
import { announceEngine, withdrawEngine } from "./running-engine.ts";
import { reason, StartError } from "./start-error.ts";
import { tablesIn } from "./tables.ts";
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
  #engine: Engine | undefined;
  #live: LiveSide | undefined;
  #host: string | undefined;
  #port = 0;
  #stopListening = (): void => {};

  constructor(serverless: Serverless, options: Record<string, unknown>, utils: PluginUtils) {
    super(serverless, options, quiet(utils));
    this.#serverless = serverless;
    this.#options = options;
    // Before the bundler's own hooks, as this plugin comes first: what is wrong is said at once.
    const prepare = (): Promise<void> => this.#prepare().catch(giveUp);
    this.hooks["initialize"] = async () => this.#separateBundles();
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

    await buildPage();

    const tables = tablesIn(resources?.Resources ?? {});
    const external = process.env["AWS_ENDPOINT_URL_DYNAMODB"];
    completeSdkSettings(provider.region, external);
    this.#engine = external ? await useExternal(external, tables) : await startEmbedded(folder, tables);
    if (!external) announceEngine(folder, this.#engine);
    process.env["AWS_ENDPOINT_URL_DYNAMODB"] = this.#engine.endpoint;
    provider.environment = functionEnvironment(provider.environment ?? {}, tables, tokenKey);
    for (const { environment } of Object.values(functions)) dropDeployed(environment);
    const live = await prepareLive(functions, provider.environment, await takeLambda());
    await prepareApiServer(hosts, live);
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

  /**
   * The bundler does this after packaging only. esbuild's process takes the end of ours for a deadlock as long as it keeps
   * bundles, and prints its stacks (https://github.com/evanw/esbuild/issues/3635).
   */
  async #disposeBundles(): Promise<void> {
    for (const plugin of this.#serverless.pluginManager.plugins)
      await plugin.disposeContexts?.().catch(() => undefined);
  }

  /** Two stacks must not overwrite each other's bundles, and only someone at a terminal edits while it runs. */
  #separateBundles(): void {
    const { serviceDir, processedInput, service } = this.#serverless;
    if (processedInput.commands[0] !== "offline") return;
    const esbuild = service.custom["esbuild"] ?? {};
    const folder = join(this.#dataFolder, "bundles", String(Number(this.#settings["httpPort"])));
    esbuild["outputWorkFolder"] = relative(serviceDir, folder);
    if (!process.stdout.isTTY) esbuild["watch"] = { pattern: [] };
  }

  override async start(): Promise<void> {
    boundConcurrency();
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
    this.#stopListening();
    this.#live?.stop();
    await this.internals().getApiGatewayServer().stop({ timeout: DRAIN_MS });
    await super.end(true);
    await this.#disposeBundles();
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
