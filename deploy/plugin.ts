import type { Serverless } from "serverless-offline";
import { tablesIn } from "../stack/tables.ts";
import { PageBucket } from "./bucket.ts";
import { confirms } from "./confirm.ts";
import { deleteTables } from "./data.ts";
import { invalidate } from "./edge.ts";
import { deleteBucket, filesBucketName, nameFilesBucket, problemWithBucketName } from "./files.ts";
import { adoptTables, leaveBucketAlone, leaveStackAlone, tidyTemplate } from "./framework.ts";
import { problemWithLogRole } from "./log-role.ts";
import { problemWithNpm } from "./npm-options.ts";
import { deleteOriginSecret, ensureOriginSecret } from "./origin-secret.ts";
import { type ReadFile, readPage } from "./page-contents.ts";
import { atRest, emptyBuckets, protectedMessage, recover, type Waiting } from "./recovery.ts";
import { restoreBuckets } from "./restore.ts";
import { problemWith } from "./settings.ts";
import { type AwsConfig, Stack, type StackState } from "./stack.ts";
import { accountOf, deploymentTarget, type Target } from "./target.ts";

type Options = Readonly<Record<string, unknown>>;

/** The commands of the framework that work on an account. */
const ON_AWS = ["deploy", "info", "invoke", "logs", "metrics", "prune", "remove", "rollback"];

/** What the parameter of the domain is where there is none: see parameters.yml. */
const NO_DOMAIN = "none.invalid";

/** As the framework itself looks at a stack: its own setting, in milliseconds. */
const pollInterval = (): number => Number(process.env["SLS_AWS_MONITORING_FREQUENCY"]) || 5_000;

/**
 * What `serverless deploy` and `serverless remove` do for goTalk beyond CloudFormation. Each may find what a run before it
 * has left half-way, or what somebody has deleted by hand, and goes on from there: running the command again is always
 * the way out.
 */
export default class Deployment {
  readonly #serverless: Serverless;
  readonly #options: Options;
  /** What is to be uploaded once the stack is there; undefined where CloudFront is not wanted, and so no page. */
  #page: readonly ReadFile[] | undefined;
  /** What the command line means. */
  #target: Target | undefined;

  readonly commands = {
    deploy: {
      options: {
        yes: { type: "boolean", usage: "Do not ask before the page is taken away" },
      },
    },
    remove: {
      options: {
        "delete-data": { type: "boolean", usage: "Also delete all users, messages and files, for good" },
        yes: { type: "boolean", usage: "Do not ask before data is deleted" },
      },
    },
  };

  readonly hooks: Record<string, () => Promise<void>> = {
    initialize: () => this.#nameTarget(),
    "before:package:initialize": async () => this.#checkSettings(),
    "after:aws:package:finalize:mergeCustomProviderResources": async () => tidyTemplate(this.#serverless),
    "before:aws:deploy:deploy:createStack": () => this.#prepareStack(),
    "after:deploy:deploy": () => this.#publish(),
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

  get #filesPattern(): string {
    return String(this.#serverless.service.custom["gotalk"]?.["filesBucket"]);
  }

  async #filesBucket(): Promise<string> {
    const config = await this.#config;
    return filesBucketName(this.#filesPattern, { account: (await accountOf(config)).id, region: config.region });
  }

  get #waiting(): Waiting {
    return { every: pollInterval(), say: (line) => this.#log(line) };
  }

  /** Before anything else is done: a command for another account can still be stopped. */
  async #nameTarget(): Promise<void> {
    const [command = "", ...more] = this.#serverless.processedInput.commands;
    if (!ON_AWS.includes(command) || (command === "invoke" && more[0] === "local")) return;
    const problem = problemWithNpm(process.env);
    if (problem !== undefined) throw this.#error(problem);
    this.#target = this.#nowMeant;
    this.#log(deploymentTarget(this.#target, await accountOf(await this.#config)));
  }

  get #nowMeant(): Target {
    const { stage, region } = this.#serverless.service.provider;
    return { stage, region };
  }

  /** With `--package` the framework takes stage and region from the package from here on, and its names are in the template. */
  #checkPackage(): void {
    const { stage, region } = this.#nowMeant;
    if (this.#target === undefined || (stage === this.#target.stage && region === this.#target.region)) return;
    throw this.#error(
      `The package was made for stage ${stage} in ${region}. Name these two, or make one for stage ${this.#target.stage} in ${this.#target.region}.`,
    );
  }

  #checkSettings(): void {
    const { region } = this.#serverless.service.provider;
    const problem = problemWith(process.env, region) ?? problemWithBucketName(this.#filesPattern, region);
    if (problem !== undefined) throw this.#error(problem);
  }

  /** First all that can fail on this machine, and what has to be asked. */
  async #prepareStack(): Promise<void> {
    this.#checkPackage();
    const config = await this.#config;
    const stack = new Stack(this.#stackName, config);
    const { stackTags, compiledCloudFormationTemplate: template } = this.#serverless.service.provider;
    const isSet = (parameter: string, value: string): boolean => template.Parameters[parameter]?.Default === value;
    const hasPage = !isSet("CloudFront", "false");
    this.#page = hasPage ? await readPage() : undefined;
    if (!hasPage) await this.#confirmEnd(await stack.state());

    const logProblem = isSet("LiveAccessLogs", "true") ? await problemWithLogRole(config) : undefined;
    if (logProblem !== undefined) throw this.#error(logProblem);

    const state = await recover(stack, config, this.#waiting);
    const distributionId = state?.outputs["DistributionId"];
    if (state !== undefined) {
      const [resources, account] = await Promise.all([stack.resources(), accountOf(config)]);
      const domain = template.Parameters["DomainName"]?.Default;
      const own = domain && domain !== NO_DOMAIN ? domain : undefined;
      const domains = { distribution: state.outputs["DistributionDomain"], own };
      await restoreBuckets({ resources, template: template.Resources, account, domains }, config, this.#waiting.say);
    }
    nameFilesBucket(template.Resources, await this.#filesBucket());
    await ensureOriginSecret({ name: this.#originSecret, tags: stackTags, distributionId }, config);
    adoptTables(this.#serverless);
  }

  /** Browsers keep a page's data by its address, and the next distribution has another one. */
  async #confirmEnd(state: StackState | undefined): Promise<void> {
    const { DistributionId, Url } = state?.outputs ?? {};
    if (DistributionId === undefined || this.#options["yes"]) return;
    const warning = `CLOUDFRONT=false takes the page at ${Url} away. What browsers keep under that address is out of reach then: histories, drafts, and messages that were not sent yet.`;
    if (await confirms(this.#stackName, warning)) return;
    throw this.#error(`${warning} Nothing was changed, as that was not confirmed. Without a terminal add --yes.`);
  }

  async #publish(): Promise<void> {
    const config = await this.#config;
    const outputs = (await new Stack(this.#stackName, config).state())?.outputs ?? {};
    const { PageBucket: bucket, DistributionId: distributionId, Url: url } = outputs;
    if (this.#page === undefined) return this.#sayWithoutPage(outputs);
    if (!bucket || !distributionId || !url) throw this.#error(`The stack ${this.#stackName} has no page.`);
    await new PageBucket(bucket, config).publish(this.#page);
    await invalidate(distributionId, this.#page, config);
    const { DOMAIN_NAME } = process.env;
    this.#say(`goTalk is at ${url}`);
    if (DOMAIN_NAME) this.#say(`  DNS  ${DOMAIN_NAME} must point to ${outputs["DistributionDomain"]}`);
  }

  #sayWithoutPage({ HttpApiUrl: url, LiveUrl: live }: Readonly<Record<string, string>>): void {
    if (!url) throw this.#error(`The stack ${this.#stackName} has no API.`);
    this.#say(`goTalk's API is at ${url}`);
    if (live) this.#say(`  live  ${live}`);
    this.#say(`  page  none, as CLOUDFRONT=false. In a terminal: npx gotalk --url ${url} login NAME`);
  }

  async #prepareRemoval(): Promise<void> {
    if (this.#options["delete-data"] && !this.#options["yes"]) {
      const warning = `All users, messages and files of ${this.#stackName} will be deleted: ${(await this.#data()).join(", ")}.`;
      const isMeant = await confirms(this.#stackName, warning);
      if (!isMeant)
        throw this.#error("Nothing was removed: --delete-data was not confirmed. Without a terminal add --yes.");
    }
    const config = await this.#config;
    const stack = new Stack(this.#stackName, config);
    const state = await atRest(stack, this.#waiting);
    if (state === undefined) return leaveStackAlone(this.#serverless);
    if (state.isProtected) throw this.#error(protectedMessage(stack));
    await emptyBuckets(stack, config);
    leaveBucketAlone(this.#serverless);
  }

  async #finishRemoval(): Promise<void> {
    const config = await this.#config;
    await deleteOriginSecret(this.#originSecret, config);
    const data = (await this.#data()).join(", ");
    if (this.#options["delete-data"]) {
      await deleteTables(this.#tables, config);
      await deleteBucket(await this.#filesBucket(), config);
      this.#say(`The data is deleted: ${data}`);
    } else {
      this.#say(`The data is kept, and the next deployment takes it in again: ${data}`);
    }
  }

  /** By their names, the tables and the bucket that outlive a stack. */
  async #data(): Promise<string[]> {
    return [...this.#tables, await this.#filesBucket()];
  }

  #error(message: string): Error {
    return new this.#serverless.classes.Error(message);
  }

  /** What the command was asked for. */
  #say(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  /** What it is about to do. */
  #log(line: string): void {
    process.stderr.write(`${line}\n`);
  }
}
