import { describe, expect, it } from "vitest";
import { keyOf, messageToItem } from "../../lib/channel/stored-message.ts";
import { WAITING_ATTRIBUTES } from "../../lib/channel/waiting-check.ts";
import { credentialsKey, type Key, sessionKey, tokenKeyKey } from "../../lib/database/account-keys.ts";
import { bundle } from "../support/bundles.ts";
import { type Need, needsOf } from "./needs.ts";
import type { Json, Packaged, Template } from "./packaged.ts";
import { isLike } from "./wildcards.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: Json;
  readonly Condition?: Json;
}

/** What always names a partition. For any other action, as a scan, `ForAllValues` would hold with nothing to compare. */
const OF_ITEMS = ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"].map(
  (action) => `dynamodb:${action}`,
);

const listed = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** The role of a function, and the statements of its own policies. */
function roleOf({ functions, template }: Packaged, name: string) {
  const id: string = functions[name].Role["Fn::GetAtt"][0];
  const role = template.Resources[id]?.Properties;
  const statements: Statement[] = role.Policies.flatMap((policy: Json) => policy.PolicyDocument.Statement);
  return { id, role, statements };
}

/** What a role grants, each action on each resource by itself. Its log is no need of the code. */
export function grantsOf(packaged: Packaged, name: string): Set<Need> {
  const { statements } = roleOf(packaged, name);
  return new Set(
    statements
      .flatMap(({ Action, Resource, Condition }) =>
        listed(Action).flatMap((action) =>
          listed(Resource).flatMap((resource) => partitionsOf(`${action} on ${called(resource)}`, Condition)),
        ),
      )
      .filter((grant) => !grant.startsWith("logs:")),
  );
}

/** The partitions that a condition leaves of a grant; without one, the grant. */
function partitionsOf(grant: Need, condition: Json): Need[] {
  const keys: string[] | undefined = condition?.["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"];
  return keys?.map((key): Need => `${grant} of ${key}`) ?? [grant];
}

/** Whether something is granted that a function asks of one partition, as IAM decides it. */
export const isGranted = (grants: ReadonlySet<Need>, action: string, table: string, partition?: string): boolean =>
  grants.has(`${action} on ${table}`) ||
  [...grants].some((grant) => isLike(grant, `${action} on ${table} of ${partition}`));

const partitionOf = ({ owner }: Key): string => owner;

/** A resource by its logical id, a connection by what is done to it, a schedule by its group. */
function called(resource: Json): string {
  const reference = resource["Fn::GetAtt"]?.[0];
  if (reference !== undefined) return reference;
  const text: string = resource["Fn::Sub"];
  const [, group] = /:schedule\/\$\{(\w+)\}\/\*$/.exec(text) ?? [];
  if (group !== undefined) return group;
  const [, method] = /:\$\{WebsocketsApi\}\/live\/(POST|DELETE)\/@connections\/\*$/.exec(text) ?? [];
  return method ?? text;
}

/** The parts of the ARN of an API, as one text before the API's logical id and one after it. */
function executeApiOf(arn: Json): string[] {
  const text: string =
    arn?.["Fn::Sub"]?.replaceAll(/\$\{([\w:]+)\}/g, "$1") ??
    arn?.["Fn::Join"]?.[1].map((part: Json) => part.Ref ?? part).join("");
  return text?.split(/(HttpApi|WebsocketsApi)/) ?? [];
}

const everyStatement = ({ Resources }: Template): Json[] =>
  Object.values(Resources)
    .filter(({ Type }) => Type === "AWS::IAM::Role")
    .flatMap(({ Properties }) => Properties.Policies.flatMap((policy: Json) => policy.PolicyDocument.Statement));

/** What each function may do is what its code contains: no more, and no less. */
export function permissionTests(packaged: () => Packaged, names: readonly string[]): void {
  describe("the permissions of each function", () => {
    it.each(names)("%s: its role grants what its bundle contains, and nothing else", async (name) => {
      expect([...grantsOf(packaged(), name)].toSorted()).toEqual([...(await needsOf(name))].toSorted());
    });

    it.each(["send", "sync", "live", "files", "push"])("%s: reads and writes nobody's credentials", (name) => {
      const grants = grantsOf(packaged(), name);
      const granted = (key: Key) =>
        OF_ITEMS.filter((action) => isGranted(grants, action, "AccountsTable", partitionOf(key)));
      expect(granted(credentialsKey("alice"))).toEqual([]);
      expect(granted(sessionKey("0192", "s"))).toContain("dynamodb:GetItem");
      expect(granted(tokenKeyKey())).toEqual(["dynamodb:GetItem", "dynamodb:PutItem"]);
    });

    it.each(names)("%s: its package is that bundle, byte by byte", async (name) => {
      const [file] = Object.values(packaged().unzip(name));
      expect(Buffer.from((await bundle(name)).code).equals(file ?? new Uint8Array())).toBe(true);
    });

    it.each(names)("%s has a role of its own, and its own log", (name) => {
      const { id, statements, role } = roleOf(packaged(), name);
      const others = names.filter((other) => other !== name).map((other) => roleOf(packaged(), other).id);
      expect(others).not.toContain(id);
      expect(statements.filter(({ Action }) => listed(Action).some((action) => action.startsWith("logs:")))).toEqual([
        {
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: { "Fn::GetAtt": [`${name[0]?.toUpperCase()}${name.slice(1)}LogGroup`, "Arn"] },
        },
      ]);
      // X-Ray's actions know no resource: AWS's own policy is the only one that is not ours, and only with traces.
      expect(role.ManagedPolicyArns).toEqual({
        "Fn::If": [
          "HasXRay",
          [{ "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess" }],
          { Ref: "AWS::NoValue" },
        ],
      });
    });

    it("live reads nothing of a message but its key", () => {
      const { statements } = roleOf(packaged(), "live");
      const onChannels = statements.filter(({ Resource }) => called(Resource) === "ChannelsTable");
      expect(onChannels.map(({ Action, Condition }) => ({ Action, Condition }))).toEqual([
        {
          Action: ["dynamodb:Query"],
          Condition: {
            "ForAllValues:StringEquals": { "dynamodb:Attributes": [...WAITING_ATTRIBUTES] },
            StringEqualsIfExists: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
          },
        },
      ]);
      const ofMessages = Object.keys(
        messageToItem("", { position: "m#s", senderName: "", content: "", sentAt: 0, expiresAt: 0 }),
      );
      expect(ofMessages.filter((name) => (WAITING_ATTRIBUTES as readonly string[]).includes(name))).toEqual(
        Object.keys(keyOf("", "m#s")),
      );
    });

    it("nobody but this stack's own APIs may invoke a function", () => {
      const { Resources } = packaged().template;
      const permissions = Object.values(Resources).filter(({ Type }) => Type === "AWS::Lambda::Permission");
      const invoked = permissions.map(({ Properties: { SourceArn, ...others } }) => {
        const [service, id, ...rest] = executeApiOf(SourceArn);
        expect({ service, id: Resources[id ?? ""]?.Type, rest }).toEqual({
          service: "arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:",
          id: "AWS::ApiGatewayV2::Api",
          rest: ["/*"],
        });
        expect(others).toEqual({
          FunctionName: { "Fn::GetAtt": [expect.stringMatching(/LambdaFunction$/), "Arn"] },
          Action: "lambda:InvokeFunction",
          Principal: "apigateway.amazonaws.com",
        });
        return [others.FunctionName["Fn::GetAtt"][0], id];
      });
      const websocketsOr = (name: string) => (name === "live" ? "WebsocketsApi" : "HttpApi");
      const expected = names.map((name) => [
        `${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`,
        websocketsOr(name),
      ]);
      expect(invoked.toSorted()).toEqual(expected.toSorted());
      for (const { Type } of Object.values(Resources))
        expect(Type).not.toMatch(/Lambda::(Url|EventSourceMapping|EventInvokeConfig)/);
    });

    it("schedules of this stack alone invoke the function that pushes, and it hands its role to the scheduler alone", () => {
      const { Resources } = packaged().template;
      const { AssumeRolePolicyDocument, Policies } = Resources["PushScheduleRole"]?.Properties ?? {};
      expect(AssumeRolePolicyDocument.Statement).toEqual([
        {
          Effect: "Allow",
          Principal: { Service: "scheduler.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: {
              "aws:SourceAccount": { Ref: "AWS::AccountId" },
              "aws:SourceArn": { "Fn::GetAtt": ["PushScheduleGroup", "Arn"] },
            },
          },
        },
      ]);
      expect(Policies[0].PolicyDocument.Statement).toEqual([
        {
          Effect: "Allow",
          Action: "lambda:InvokeFunction",
          Resource: {
            "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${packaged().functions["push"].FunctionName}`,
          },
        },
      ]);
      const passing = roleOf(packaged(), "push").statements.find(({ Action }) => Action === "iam:PassRole");
      expect(passing?.Condition).toEqual({ StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } });
    });

    it("there are no other roles, and none grants anything on everything", () => {
      const roles = Object.entries(packaged().template.Resources).filter(([, { Type }]) => Type === "AWS::IAM::Role");
      const ofFunctions = names.map((name) => roleOf(packaged(), name).id);
      expect(roles.map(([id]) => id).toSorted()).toEqual([...ofFunctions, "PushScheduleRole"].toSorted());
      const statements = everyStatement(packaged().template);
      expect(statements.length).toBeGreaterThanOrEqual(names.length);
      for (const { Effect, Action, Resource, Condition } of statements) {
        expect(Effect).toBe("Allow");
        const isOnAccounts = listed(Resource).some((resource) => called(resource) === "AccountsTable");
        // The accounts are of many kinds, and no function has to do with all of them.
        expect(Condition?.["ForAllValues:StringLike"] !== undefined, JSON.stringify(Action)).toBe(isOnAccounts);
        if (isOnAccounts) {
          expect(Condition).toEqual({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": expect.any(Array) } });
          expect(OF_ITEMS).toEqual(expect.arrayContaining(listed(Action)));
        }
        expect(listed(Action).filter((action) => action.includes("*"))).toEqual([]);
        // A connection, a file and a schedule have ids that nobody knows before; every other resource is named.
        const text = listed(Resource).map((resource) =>
          JSON.stringify(resource)
            .replace('${FilesBucket.Arn}/*"', '"')
            .replace(/(\/@connections|:schedule\/\$\{PushScheduleGroup\})\/\*"/, '"'),
        );
        expect(text.filter((resource) => resource.includes("*"))).toEqual([]);
      }
    });
  });
}
