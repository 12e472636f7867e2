import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolved } from "../../deploy/intrinsics.ts";
import { restoreBuckets, type TemplateResource } from "../../deploy/restore.ts";
import { ObjectStore } from "./object-store.ts";
import { type Packaged, packageService } from "./packaged.ts";
import { type StandIn, startStandIn } from "./stand-in.ts";

const ACCOUNT = { id: "123456789012", partition: "aws" };

describe("buckets that somebody has deleted by hand", () => {
  let page: ObjectStore;
  let packages: ObjectStore;
  let aws: StandIn;
  let said: string[];

  beforeEach(async () => {
    page = new ObjectStore();
    packages = new ObjectStore(1_000, "deployments");
    aws = await startStandIn((call) => (page.takes(call) ? page : packages).answer(call));
    said = [];
  });
  afterEach(() => aws.stop());

  const resources = [
    { logicalId: "PageBucket", physicalId: "page", type: "AWS::S3::Bucket" },
    { logicalId: "ServerlessDeploymentBucket", physicalId: "deployments", type: "AWS::S3::Bucket" },
    { logicalId: "Distribution", physicalId: "E1", type: "AWS::CloudFront::Distribution" },
  ];
  const restore = ({ template }: Pick<Packaged, "template">, known = resources, region = "eu-central-1") =>
    restoreBuckets(
      { resources: known, template: template.Resources as Record<string, TemplateResource>, account: ACCOUNT },
      { ...aws.config, region },
      (line) => said.push(line),
    );

  it("are made again with the policies that the template gives them, each where it was", async () => {
    const packaged = await packageService();
    page.isThere = false;
    packages.isThere = false;
    expect(await restore(packaged)).toEqual(["page", "deployments"]);
    expect([page.location, packages.location]).toEqual(["eu-central-1", "eu-central-1"]);
    expect(JSON.parse(page.policy ?? "")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "OnlyThisDistributionReads",
          Effect: "Allow",
          Principal: { Service: "cloudfront.amazonaws.com" },
          Action: "s3:GetObject",
          Resource: "arn:aws:s3:::page/*",
          Condition: { StringEquals: { "AWS:SourceArn": "arn:aws:cloudfront::123456789012:distribution/E1" } },
        },
        {
          Sid: "OnlyByTls",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: ["arn:aws:s3:::page", "arn:aws:s3:::page/*"],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
    const [denied, ...others] = JSON.parse(packages.policy ?? "").Statement;
    expect(others).toEqual([]);
    expect(denied).toMatchObject({
      Effect: "Deny",
      Principal: "*",
      Resource: ["arn:aws:s3:::deployments/*", "arn:aws:s3:::deployments"],
    });
    expect(said).toEqual([
      "The bucket page is gone. It is made again ...",
      "The bucket deployments is gone. It is made again ...",
    ]);

    const files = new ObjectStore(1_000, "files");
    files.isThere = false;
    const elsewhere = await startStandIn((call) => files.answer(call));
    const domains = { distribution: "d111111abcdef8.cloudfront.net", own: "chat.example.org" };
    const known = [{ logicalId: "FilesBucket", physicalId: "files", type: "AWS::S3::Bucket" }, ...resources.slice(2)];
    const template = packaged.template.Resources as Record<string, TemplateResource>;
    await restoreBuckets({ resources: known, template, account: ACCOUNT, domains }, elsewhere.config, () => undefined);
    elsewhere.stop();
    expect(JSON.parse(files.policy ?? "").Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual(["OnlyByTls"]);
    expect(files.rules["lifecycle"]).toContain("<Days>60</Days>");
    expect(files.rules["lifecycle"]).toContain("<DaysAfterInitiation>1</DaysAfterInitiation>");
    const origins = [...(files.rules["cors"] ?? "").matchAll(/<AllowedOrigin>([^<]+)</g)].map(([, origin]) => origin);
    expect(origins).toEqual(["https://chat.example.org", "https://d111111abcdef8.cloudfront.net"]);
    expect(files.rules["cors"]).toContain("<MaxAgeSeconds>3600</MaxAgeSeconds>");

    // There they are, and stay as they are.
    page.policy = "mine";
    expect(await restore(packaged)).toEqual([]);
    expect(page.policy).toBe("mine");

    // Where there is no distribution, nobody is let in.
    page.isThere = false;
    await restore(packaged, resources.slice(0, 2), "us-east-1");
    expect(page.location).toBeUndefined();
    expect(JSON.parse(page.policy ?? "").Statement.map(({ Effect }: { Effect: string }) => Effect)).toEqual(["Deny"]);
  });
});

describe("a part of a template, worked out", () => {
  const facts = {
    refs: { Bucket: "b1", "AWS::Region": "eu-central-1" },
    attributes: { "Bucket.Arn": "arn:aws:s3:::b1" },
    conditions: { Yes: true, No: false },
  };

  it("is as CloudFormation has it", () => {
    const value = {
      text: "as it is",
      ref: { Ref: "Bucket" },
      arn: { "Fn::GetAtt": ["Bucket", "Arn"] },
      sub: { "Fn::Sub": "${Bucket.Arn}/* in ${AWS::Region}" },
      join: { "Fn::Join": ["-", ["a", { Ref: "Bucket" }]] },
      list: [1, { "Fn::If": ["No", 2, { Ref: "AWS::NoValue" }] }, { "Fn::If": ["Yes", { Ref: "Bucket" }, 4] }],
      left: { "Fn::If": ["No", "there", { Ref: "AWS::NoValue" }] },
    };
    expect(resolved(value, facts)).toEqual({
      text: "as it is",
      ref: "b1",
      arn: "arn:aws:s3:::b1",
      sub: "arn:aws:s3:::b1/* in eu-central-1",
      join: "a-b1",
      list: [1, "b1"],
    });
  });

  it("is refused when it refers to what nobody knows", () => {
    expect(() => resolved([{ Ref: "Another" }], facts)).toThrow("The template refers to Another");
    expect(() => resolved({ "Fn::Sub": "${Another.Arn}" }, facts)).toThrow("The template refers to Another.Arn");
  });
});
