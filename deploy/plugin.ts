import type { Serverless } from "serverless-offline";
import { buildPage } from "../local/page-build.ts";
import { pageFiles } from "../local/page-files.ts";
import { tablesIn } from "../local/tables.ts";
import { PageBucket } from "./bucket.ts";
import { confirms } from "./confirm.ts";
import { deleteTables } from "./data.ts";
import { forget } from "./edge.ts";
import { deleteOriginSecret, ensureOriginSecret } from "./origin-secret.ts";
import { problemWith } from "./settings.ts";
import { type AwsConfig, outputsOf } from "./stack.ts";

type Options = Readonly<Record<string, unknown>>;

/** What `serverless deploy` and `serverless remove` do for goTalk beyond CloudFormation. */
export default class Deployment {
  readonly #serverless: Serverless;
  readonly #options: Options;

  readonly commands = {
    remove: {
      options: {
        "delete-data": { type: "boolean", usage: "Also delete all users and messages, for good" },
        yes: { type: "boolean", usage: "Do not ask before data is deleted" },
      },
    },
  };

  readonly hooks: Record<string, () => Promise<void>> = {
    "before:package:initialize": async () => this.#checkSettings(),
    "after:aws:package:finalize:mergeCustomProviderResources": async () => this.#dropWrongUrl(),
    "before:aws:deploy:deploy:createStack": () => this.#prepareStack(),
    "after:deploy:deploy": () => this.#publishPage(),
    "before:remove:remove": () => this.#prepareRemoval(),
    "after:remove:remove": () => this.#finishRemoval(),
  };

  constructor(serverless: Serverless, options: Options) {
    this.#serverless = serverless;
    this.#options = options;
  }

  get #config(): Promise<AwsConfig> {
    return this.#serverless.getProvider("aws").getAwsSdkV3Config();
  }

  get #stackName(): string {
    return this.#serverless.getProvider("aws").naming.getStackName();
  }

  get #tables(): string[] {
    const { resources } = this.#serverless.service;
    return Object.values(tablesIn(resources?.Resources ?? {})).map(({ TableName }) => TableName);
  }

  get #originSecret(): string {
    return String(this.#serverless.service.custom["gotalk"]?.["originSecret"]);
  }

  #checkSettings(): void {
    const problem = problemWith(process.env, this.#serverless.service.provider.region);
    if (problem !== undefined) throw this.#error(problem);
  }

  /** The framework's URL of the WebSocket API ends with the stage of the service. Ours is always called `live`. */
  #dropWrongUrl(): void {
    delete this.#serverless.service.provider.compiledCloudFormationTemplate.Outputs["ServiceEndpointWebsocket"];
  }

  async #prepareStack(): Promise<void> {
    const { stackTags } = this.#serverless.service.provider;
    await ensureOriginSecret(this.#originSecret, stackTags, await this.#config);
    this.#adoptTables();
  }

  /**
   * Tables that an earlier stack left behind become part of this one.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
   */
  #adoptTables(): void {
    const deploy = this.#serverless.pluginManager.plugins.find((plugin) => "getCreateChangeSetParams" in plugin);
    const getParams = deploy?.getCreateChangeSetParams;
    if (deploy === undefined || getParams === undefined) throw this.#error("This osls makes no change sets.");
    deploy.getCreateChangeSetParams = (input) => ({ ...getParams.call(deploy, input), ImportExistingResources: true });
  }

  async #publishPage(): Promise<void> {
    const config = await this.#config;
    const outputs = await outputsOf(this.#stackName, config);
    const { PageBucket: bucket, DistributionId: distributionId, Url: url } = outputs ?? {};
    if (!bucket || !distributionId || !url) throw this.#error(`The stack ${this.#stackName} has no page.`);
    await buildPage();
    const files = pageFiles();
    await new PageBucket(bucket, config).publish(files);
    await forget(distributionId, files, config);
    const { DOMAIN_NAME } = process.env;
    this.#say(`goTalk is at ${url}`);
    if (DOMAIN_NAME) this.#say(`  DNS  ${DOMAIN_NAME} must point to ${outputs?.["DistributionDomain"]}`);
  }

  async #prepareRemoval(): Promise<void> {
    if (this.#options["delete-data"] && !this.#options["yes"]) {
      const warning = `All users and messages of ${this.#stackName} will be deleted: ${this.#tables.join(", ")}.`;
      const isMeant = await confirms(this.#stackName, warning);
      if (!isMeant)
        throw this.#error("Nothing was removed: --delete-data was not confirmed. Without a terminal add --yes.");
    }
    const config = await this.#config;
    const outputs = await outputsOf(this.#stackName, config);
    if (outputs === undefined) this.#leaveStackAlone();
    else if (outputs["PageBucket"]) await new PageBucket(outputs["PageBucket"], config).empty();
  }

  /**
   * The framework fails where there is no stack, before the rest could go: the data of a stage that was removed without it,
   * or what was left when the last removal failed half-way.
   */
  #leaveStackAlone(): void {
    const remove = this.#serverless.pluginManager.plugins.find((plugin) => "emptyS3Bucket" in plugin);
    if (remove === undefined) throw this.#error("This osls removes no stacks.");
    const nothing = async (): Promise<void> => undefined;
    Object.assign(remove, {
      emptyS3Bucket: nothing,
      removeStack: nothing,
      monitorStack: nothing,
    } satisfies typeof remove);
  }

  async #finishRemoval(): Promise<void> {
    await deleteOriginSecret(this.#originSecret, await this.#config);
    if (this.#options["delete-data"]) {
      await deleteTables(this.#tables, await this.#config);
      this.#say(`The data is deleted: ${this.#tables.join(", ")}`);
    } else {
      this.#say(`The data is kept, and the next deployment takes it in again: ${this.#tables.join(", ")}`);
    }
  }

  #error(message: string): Error {
    return new this.#serverless.classes.Error(message);
  }

  #say(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}
