import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { problemWith } from "../../deploy/settings.ts";
import { conditionsOf } from "./conditions.ts";
import { packageService, type Template } from "./packaged.ts";
import { serverless } from "./serverless.ts";

const SET = {
  CLOUDFRONT: "true",
  DOMAIN_NAME: "chat.example.org",
  CERTIFICATE_ARN: "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d",
  ALARM_EMAIL: "operator@example.org",
  ALARM_TOPIC_ARN: "arn:aws:sns:eu-central-1:123456789012:alarms",
  ACCESS_LOGS: "true",
  LIVE_ACCESS_LOGS: "true",
  XRAY: "true",
  WAF: "arn:aws:wafv2:us-east-1:123456789012:global/webacl/own/0a1b2c3d-4e5f",
  BUDGET: "99.50",
  REGISTRATION: "open",
};
const BOUNDS = {
  ...{ SEND_BURST: "10", SEND_PER_SECOND: "2", SYNC_BURST: "11", SYNC_PER_SECOND: "3" },
  ...{ REPLAY_BURST: "12", REPLAY_PER_SECOND: "4", CALL_BURST: "13", CALL_PER_SECOND: "5" },
  ...{ ADDRESS_BURST: "14", ADDRESS_PER_SECOND: "6", CHANNEL_MESSAGES: "500" },
};
const EMPTY = Object.fromEntries(Object.keys({ ...SET, ...BOUNDS }).map((name) => [name, ""]));

describe("what a deployment is told by its environment", () => {
  it("is refused before anything is changed where the template would refuse it", () => {
    const { Parameters }: Template = parse(
      readFileSync(new URL("../../deploy/parameters.yml", import.meta.url), "utf8"),
    );
    const bound = Object.values(Parameters).filter(
      ({ AllowedValues, AllowedPattern }) => AllowedValues !== undefined || AllowedPattern !== undefined,
    );
    const names = bound.map(({ Default }) => /env:([A-Z_]+)/.exec(Default)?.[1] ?? "");
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) {
      expect(problemWith({ [name]: "perhaps" }, "us-east-1"), name).toMatch(new RegExp(`^${name} must be `));
      expect(problemWith({ [name]: "" }, "us-east-1"), name).toBeUndefined();
    }
  });

  it("is taken", async () => {
    const { template, functions } = await packageService({ ...SET, ...BOUNDS });
    expect(conditionsOf(template)).toEqual({
      HasCloudFront: true,
      HasDomain: true,
      HasAlarmEmail: true,
      HasAlarmTopic: true,
      MakesAlarmTopic: false,
      HasAccessLogs: true,
      HasLiveAccessLogs: true,
      HasXRay: true,
      MakesWebAcl: false,
      HasWebAcl: true,
      HasBudget: true,
      MakesBudget: true,
    });
    expect(template.Parameters).toMatchObject({
      CloudFront: { Default: SET.CLOUDFRONT },
      DomainName: { Default: SET.DOMAIN_NAME },
      CertificateArn: { Default: SET.CERTIFICATE_ARN },
      AlarmEmail: { Default: SET.ALARM_EMAIL },
      AlarmTopicArn: { Default: SET.ALARM_TOPIC_ARN },
      Waf: { Default: SET.WAF },
      Budget: { Default: SET.BUDGET },
    });
    expect(functions["accounts"].Environment.Variables).toMatchObject({ REGISTRATION: SET.REGISTRATION });
    for (const name of ["send", "sync", "accounts"]) {
      expect(functions[name].Environment.Variables).toMatchObject(BOUNDS);
    }
  });

  it("is not there when it is empty", async () => {
    const { template } = await packageService(EMPTY);
    // What is not set counts as the default, and that is with CloudFront.
    const { HasCloudFront, ...others } = conditionsOf(template);
    expect(HasCloudFront).toBe(true);
    expect(new Set(Object.values(others))).toEqual(new Set([false]));
    for (const { Default, AllowedValues = [Default], AllowedPattern = "" } of Object.values(template.Parameters)) {
      expect(AllowedValues).toContain(Default);
      expect(Default).toMatch(new RegExp(AllowedPattern));
    }
  });

  it("makes a firewall where CloudFront takes it from, and says elsewhere what to do", async () => {
    const { template } = await packageService({ WAF: "true" }, "us-east-1");
    expect(conditionsOf(template)).toMatchObject({ MakesWebAcl: true, HasWebAcl: false, MakesBudget: false });
    await expect(packageService({ WAF: "true" })).rejects.toThrow(
      "CloudFront takes those of us-east-1 only; this stack is in eu-central-1.",
    );
  });

  it("ends the packaging when it cannot be meant", async () => {
    await expect(serverless(["package"], { DOMAIN_NAME: SET.DOMAIN_NAME })).rejects.toThrow(
      "DOMAIN_NAME and CERTIFICATE_ARN belong together: set both, or none of them.",
    );
  });
});
