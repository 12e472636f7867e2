import { describe, expect, it } from "vitest";
import { type Json, packageService, type Template } from "./packaged.ts";
import { serverless } from "./serverless.ts";

const SLOW = { timeout: 240_000 };

const SET = {
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

/** Which conditions hold, with the parameters as they are when nobody says otherwise. */
function conditionsOf({ Parameters, Conditions }: Template): Record<string, boolean> {
  const value = (operand: Json): unknown => (operand.Ref ? Parameters[operand.Ref]?.Default : operand);
  const holds = (condition: Json): boolean => {
    const [[name, operands] = []] = Object.entries<Json>(condition);
    if (name === "Condition") return holds(Conditions[operands]);
    if (name === "Fn::Equals") return value(operands[0]) === value(operands[1]);
    if (name === "Fn::Not") return !holds(operands[0]);
    if (name === "Fn::Or") return operands.some(holds);
    if (name === "Fn::And") return operands.every(holds);
    throw new Error(`no condition is ${name}`);
  };
  return Object.fromEntries(Object.entries(Conditions).map(([name, condition]) => [name, holds(condition)]));
}

describe("what a deployment is told by its environment", () => {
  it("is taken", SLOW, async () => {
    const { template, functions } = await packageService({ ...SET, ...BOUNDS });
    expect(conditionsOf(template)).toEqual({
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

  it("is not there when it is empty", SLOW, async () => {
    const { template } = await packageService(EMPTY);
    expect(new Set(Object.values(conditionsOf(template)))).toEqual(new Set([false]));
    for (const { Default, AllowedValues = [Default], AllowedPattern = "" } of Object.values(template.Parameters)) {
      expect(AllowedValues).toContain(Default);
      expect(Default).toMatch(new RegExp(AllowedPattern));
    }
  });

  it("makes a firewall where CloudFront takes it from, and says elsewhere what to do", SLOW, async () => {
    const { template } = await packageService({ WAF: "true" }, "us-east-1");
    expect(conditionsOf(template)).toMatchObject({ MakesWebAcl: true, HasWebAcl: false, MakesBudget: false });
    await expect(packageService({ WAF: "true" })).rejects.toThrow(
      "CloudFront takes those of us-east-1 only; this stack is in eu-central-1.",
    );
  });

  it("ends the packaging when it cannot be meant", SLOW, async () => {
    await expect(serverless(["package"], { DOMAIN_NAME: SET.DOMAIN_NAME })).rejects.toThrow(
      "DOMAIN_NAME and CERTIFICATE_ARN belong together: set both, or none of them.",
    );
  });
});
