import { createRequire } from "node:module";
import type { Serverless } from "serverless-offline";
import { expect, it } from "vitest";
import LivePolicy from "../../local/live-policy.ts";

const FRAMEWORK = "serverless/lib/plugins/aws/package/compile/events/websockets/lib/api.js";
const { compileApi } = createRequire(import.meta.url)(FRAMEWORK) as { compileApi(): void };

const ROLE = "IamRoleLambdaExecution";
const OWN = { Effect: "Allow", Action: ["execute-api:ManageConnections"], Resource: [{ "Fn::Sub": "arn:own" }] };

/** A template with a role, to which the framework has added its grant. */
function compiled() {
  const Statement = [OWN];
  const role = { Properties: { Policies: [{ PolicyDocument: { Statement } }] } };
  const service = { provider: { compiledCloudFormationTemplate: { Resources: { [ROLE]: role } } } };
  const naming = {
    getWebsocketsApiLogicalId: () => "WebsocketsApi",
    getWebsocketsApiName: () => "dev-gotalk-websockets",
    getRoleLogicalId: () => ROLE,
  };
  compileApi.call({ serverless: { service }, provider: { naming } });
  return { service, statements: () => role.Properties.Policies[0]?.PolicyDocument.Statement };
}

it("the framework's grant of every API's connections is taken back, and ours is left", async () => {
  const { service, statements } = compiled();
  expect(JSON.stringify(statements())).toContain("*:*:*/@connections/*");
  const { hooks } = new LivePolicy({ service } as unknown as Serverless);
  await hooks["after:package:compileEvents"]?.();
  expect(statements()).toEqual([OWN]);
});
