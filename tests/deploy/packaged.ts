import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { temporaryFolder } from "../support/folders.ts";
import { serverless } from "./serverless.ts";

/** What would betray a secret of the environment that found its way into what is deployed. */
export const MARKER = "bWFya2VyLW9mLWEtc2VjcmV0LW9mLXRoZS1zaGVsbC0";

// biome-ignore lint/suspicious/noExplicitAny: a template is whatever JSON it is, and a test looks into all of it
export type Json = any;

export interface Resource {
  readonly Type: string;
  readonly Properties: Json;
  readonly DeletionPolicy?: string;
  readonly Condition?: string;
}

interface Parameter {
  readonly Description: string;
  readonly Default: string;
  readonly AllowedValues?: readonly string[];
  readonly AllowedPattern?: string;
}

export interface Template {
  readonly Parameters: Readonly<Record<string, Parameter>>;
  readonly Conditions: Readonly<Record<string, Json>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: Json; readonly Condition?: string }>>;
}

/** What `serverless package` makes. */
export interface Packaged {
  readonly folder: string;
  /** The templates' files: of the first step of a deployment, which makes a bucket for the code, and of all. */
  readonly templateFiles: readonly string[];
  readonly template: Template;
  /** What the framework hands to CloudFormation beside the template. */
  readonly stackTags: Readonly<Record<string, string>>;
  /** The functions by their names, as they are deployed. */
  readonly functions: Readonly<Record<string, Json>>;
  /** The files of a function's package, by their paths. */
  unzip(name: string): Readonly<Record<string, Uint8Array>>;
}

/**
 * Packages the service, without any credentials, as somebody does who has set secrets in the shell.
 *
 * @param environment What else is set there.
 * @param region Of the stack, where it is not the usual one of these tests.
 */
export async function packageService(
  environment: Readonly<Record<string, string>> = {},
  region?: string,
): Promise<Packaged> {
  const folder = temporaryFolder();
  await serverless(
    ["package", "--package", folder],
    { TOKEN_KEY: MARKER, ORIGIN_SECRET: MARKER, ...environment },
    region,
  );
  const read = (name: string): Json => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const templateFiles = ["create", "update"].map((step) => join(folder, `cloudformation-template-${step}-stack.json`));
  const template: Template = read("cloudformation-template-update-stack.json");
  const functions = Object.entries(template.Resources).filter(([, { Type }]) => Type === "AWS::Lambda::Function");
  return {
    folder,
    templateFiles,
    template,
    stackTags: read("serverless-state.json").service.provider.stackTags,
    functions: Object.fromEntries(functions.map(([id, { Properties }]) => [nameOf(id), Properties])),
    unzip: (name) => unzipSync(readFileSync(join(folder, `${name}.zip`))),
  };
}

const nameOf = (logicalId: string): string => logicalId.replace(/LambdaFunction$/, "").toLowerCase();

/** All that is deployed, as text. */
export function everyFile({ folder, functions, unzip }: Packaged): string[] {
  const beside = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const inside = Object.keys(functions).flatMap((name) => Object.values(unzip(name)));
  return [
    ...beside.map((name) => readFileSync(join(folder, name), "utf8")),
    ...inside.map((file) => Buffer.from(file).toString()),
  ];
}

/** Puts a function's files into a folder, as Lambda does. */
export function install(packaged: Packaged, name: string): string {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(packaged.unzip(name))) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return folder;
}
