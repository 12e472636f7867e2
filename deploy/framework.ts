import type { Serverless } from "serverless-offline";
import { dropImpliedDependencies } from "./implied-dependencies.ts";

/*
 * What goTalk changes about the framework itself. None of it has a setting.
 */

/** Takes out of the template what the framework puts in, and goTalk does not need. */
export function tidyTemplate({ service }: Serverless): void {
  const { Outputs, Resources } = service.provider.compiledCloudFormationTemplate;
  // It ends with the stage of the service. The stage of goTalk's WebSocket API is always called `live`.
  delete Outputs["ServiceEndpointWebsocket"];
  dropImpliedDependencies(Resources);
}

/**
 * Has tables that an earlier stack left behind become part of this one.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
 */
export function adoptTables({ pluginManager, classes }: Serverless): void {
  const deploy = pluginManager.plugins.find((plugin) => "getCreateChangeSetParams" in plugin);
  const getParams = deploy?.getCreateChangeSetParams;
  if (deploy === undefined || getParams === undefined) throw new classes.Error("This osls makes no change sets.");
  deploy.getCreateChangeSetParams = (input) => ({ ...getParams.call(deploy, input), ImportExistingResources: true });
}

/**
 * Keeps the framework from emptying its bucket. It has been emptied, with all that the framework would leave in it; and the
 * framework fails where CloudFormation does not know the bucket, as in a stack that was never made to the end.
 */
export function leaveBucketAlone({ pluginManager, classes }: Serverless): void {
  const remove = pluginManager.plugins.find((plugin) => "emptyS3Bucket" in plugin);
  if (remove === undefined) throw new classes.Error("This osls empties no buckets.");
  remove.emptyS3Bucket = async () => undefined;
}

/**
 * The framework fails where there is no stack, before the rest could go: the data of a stage that was removed without it,
 * or what was left when the last removal failed half-way.
 */
export function leaveStackAlone({ pluginManager, classes }: Serverless): void {
  const remove = pluginManager.plugins.find((plugin) => "emptyS3Bucket" in plugin);
  if (remove === undefined) throw new classes.Error("This osls removes no stacks.");
  const nothing = async (): Promise<void> => undefined;
  Object.assign(remove, {
    emptyS3Bucket: nothing,
    removeStack: nothing,
    monitorStack: nothing,
  } satisfies typeof remove);
}
