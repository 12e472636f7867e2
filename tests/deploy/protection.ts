import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { made } from "./conditions.ts";
import type { Json, Packaged, Template } from "./packaged.ts";
import { ofType } from "./template.ts";

/** With the topic that is made for alarms. */
const withAlarms = (template: Template): Template => ({
  ...template,
  Conditions: { ...template.Conditions, MakesAlarmTopic: { "Fn::Equals": ["", ""] } },
});

/** What bounds spending: the firewall where it is asked for, and the budget. */
export function protectionTests(packaged: () => Packaged): void {
  const the = (type: string): Json => {
    const [only, ...others] = ofType(packaged(), type);
    expect(others).toEqual([]);
    return only?.[1];
  };
  const costs = readFileSync(new URL("../../docs/costs.md", import.meta.url), "utf8");

  describe("the firewall", () => {
    const acl = (): Json => the("AWS::WAFv2::WebACL").Properties;

    it("is made only when it is asked for: it costs money while nobody talks", () => {
      expect(the("AWS::WAFv2::WebACL").Condition).toBe("MakesWebAcl");
      expect(packaged().template.Conditions["MakesWebAcl"]).toEqual({ "Fn::Equals": [{ Ref: "Waf" }, "true"] });
      expect(packaged().template.Parameters["Waf"]?.Default).toBe("false");
    });

    it("stands before CloudFront, or one's own does, or none", () => {
      expect(acl().Scope).toBe("CLOUDFRONT");
      const [[, distribution] = []] = ofType(packaged(), "AWS::CloudFront::Distribution");
      expect(distribution?.Properties.DistributionConfig.WebACLId).toEqual({
        "Fn::If": [
          "MakesWebAcl",
          { "Fn::GetAtt": ["WebAcl", "Arn"] },
          { "Fn::If": ["HasWebAcl", { Ref: "Waf" }, { Ref: "AWS::NoValue" }] },
        ],
      });
    });

    it("lets pass what no rule bounds, and bounds one address by its rate", () => {
      expect(acl().DefaultAction).toEqual({ Allow: {} });
      const rates = acl().Rules.map(({ Name, Priority, Statement: { RateBasedStatement: rate } }: Json) => [
        Name,
        Priority,
        { by: rate.AggregateKeyType, seconds: rate.EvaluationWindowSec, most: rate.Limit },
      ]);
      expect(rates).toEqual([
        ["passwords", 0, { by: "IP", seconds: 300, most: 300 }],
        ["requests", 1, { by: "IP", seconds: 300, most: 30_000 }],
      ]);
    });

    it("bounds each route that hashes a password, however its path is written, and no other", () => {
      const [passwords] = acl().Rules;
      const { RegexMatchStatement: match } = passwords.Statement.RateBasedStatement.ScopeDownStatement;
      expect(match.FieldToMatch).toEqual({ UriPath: {} });
      expect(match.TextTransformations.map(({ Type }: Json) => Type)).toEqual(["URL_DECODE", "NORMALIZE_PATH"]);
      const bounded = (path: string) => new RegExp(match.RegexString).test(path);
      const paths = ofType(packaged(), "AWS::ApiGatewayV2::Route")
        .map(([, { Properties }]) => String(Properties.RouteKey).split(" ")[1] ?? "/live")
        .filter(bounded);
      expect(paths.toSorted()).toEqual(["/account/delete", "/login", "/password", "/register"]);
      expect(["//login", "/login/"].filter(bounded)).toEqual(["//login", "/login/"]);
    });

    it("answers as the API does, so that clients wait and try again", () => {
      const { problem } = acl().CustomResponseBodies;
      expect(problem.ContentType).toBe("APPLICATION_JSON");
      expect(JSON.parse(problem.Content)).toEqual({
        type: "about:blank",
        title: "Too many requests",
        status: 429,
        detail: "Too many requests come from your address. Try again in 60 seconds.",
        code: "too_many_requests",
      });
      for (const { Action } of acl().Rules) {
        expect(Action.Block.CustomResponse).toEqual({
          ResponseCode: 429,
          CustomResponseBodyKey: "problem",
          ResponseHeaders: [{ Name: "retry-after", Value: "60" }],
        });
      }
    });

    it("keeps no sample of a request, which would have its token", () => {
      for (const { VisibilityConfig } of [acl(), ...acl().Rules]) {
        expect(VisibilityConfig.SampledRequestsEnabled).toBe(false);
      }
    });

    it("costs what docs/costs.md and its setting say", () => {
      const dollars = 5 + acl().Rules.length;
      expect(packaged().template.Parameters["Waf"]?.Description).toContain(`for ${dollars} dollars a month`);
      expect(costs).toContain(`${dollars} dollars a month`);
    });
  });

  describe("the budget", () => {
    const budget = (): Json => the("AWS::Budgets::Budget");

    it("is there where somebody hears of it", () => {
      expect(budget().Condition).toBe("MakesBudget");
      expect(packaged().template.Conditions["MakesBudget"]).toEqual({
        "Fn::Or": [{ Condition: "HasAlarmEmail" }, { Condition: "HasAlarmTopic" }],
      });
    });

    it("is a month's of the whole account, of what is set or 20 dollars, and credits hide nothing", () => {
      expect(budget().Properties.Budget).toEqual({
        BudgetType: "COST",
        TimeUnit: "MONTHLY",
        BudgetLimit: { Amount: { "Fn::If": ["HasBudget", { Ref: "Budget" }, 20] }, Unit: "USD" },
        CostTypes: { IncludeCredit: false, IncludeRefund: false },
      });
      expect(packaged().template.Parameters["Budget"]?.Default).toBe("20");
    });

    it("tells whom the alarms tell: at half, at all, and when the forecast is above", () => {
      const told = budget().Properties.NotificationsWithSubscribers.map(({ Notification: n, Subscribers }: Json) => {
        expect(Subscribers).toEqual([
          {
            SubscriptionType: { "Fn::If": ["HasAlarmTopic", "SNS", "EMAIL"] },
            Address: { "Fn::If": ["HasAlarmTopic", { Ref: "AlarmTopicArn" }, { Ref: "AlarmEmail" }] },
          },
        ]);
        return `${n.NotificationType} ${n.ComparisonOperator} ${n.Threshold} ${n.ThresholdType}`;
      });
      expect(told).toEqual([
        "ACTUAL GREATER_THAN 50 PERCENTAGE",
        "ACTUAL GREATER_THAN 100 PERCENTAGE",
        "FORECASTED GREATER_THAN 100 PERCENTAGE",
      ]);
    });

    it("has no action, which would cost, and no role that could act", () => {
      expect(ofType(packaged(), "AWS::Budgets::BudgetsAction")).toEqual([]);
    });
  });

  describe("what other services may do here", () => {
    /** Of the policies of resources: each statement that lets a service in. */
    const statements = (): Json[] =>
      Object.values(made(withAlarms(packaged().template)).resources)
        .filter(({ Type }) => /Policy$/.test(Type) && !Type.startsWith("AWS::CloudFront"))
        .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);

    it("they do for this account alone", () => {
      const letIn = statements().filter(({ Effect }) => Effect === "Allow");
      expect(letIn.map(({ Principal, Action }) => `${Principal.Service} ${Action}`).toSorted()).toEqual([
        "cloudfront.amazonaws.com s3:GetObject",
        "cloudwatch.amazonaws.com sns:Publish",
      ]);
      for (const { Condition } of letIn) {
        const named = Object.values<Json>(Condition).flatMap((keys) => Object.entries<Json>(keys));
        const arns = named.filter(([key]) => key.toLowerCase() === "aws:sourcearn");
        expect(arns).toHaveLength(1);
        expect(arns[0]?.[1]["Fn::Sub"]).toContain(":${AWS::AccountId}:");
      }
    });

    it("nobody reads a bucket without TLS, and none can be made public", () => {
      const buckets = ofType(packaged(), "AWS::S3::Bucket");
      expect(buckets.map(([id]) => id)).toEqual(["ServerlessDeploymentBucket", "FilesBucket", "PageBucket"]);
      for (const [id, { Properties }] of buckets) {
        expect(Properties.PublicAccessBlockConfiguration, id).toEqual({
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        });
        expect(Properties.BucketEncryption).toBeDefined();
        const denied = ofType(packaged(), "AWS::S3::BucketPolicy")
          .filter(([, policy]) => policy.Properties.Bucket.Ref === id)
          .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement)
          .filter(({ Effect }) => Effect === "Deny");
        expect(denied).toEqual([expect.objectContaining({ Principal: "*", Action: "s3:*" })]);
        expect(String(denied[0].Condition.Bool["aws:SecureTransport"])).toBe("false");
      }
    });
  });

  describe("a silent WebSocket connection", () => {
    it("keeps no function waiting: the function has no more time than any other, and may invoke nothing", () => {
      expect(packaged().functions["live"].Timeout).toBe(packaged().functions["send"].Timeout);
      const invoking = ofType(packaged(), "AWS::IAM::Role")
        .filter(([, { Properties }]) => JSON.stringify(Properties).includes("lambda:Invoke"))
        .map(([id]) => id);
      expect(invoking.toSorted()).toEqual(["PushScheduleRole", "SendRole"]);
    });
  });
}
