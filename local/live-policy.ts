import type { Serverless } from "serverless-offline";

interface Statement {
  readonly Resource: unknown;
}

interface Role {
  readonly Properties: { readonly Policies: readonly { readonly PolicyDocument: { Statement: Statement[] } }[] };
}

/** What the framework grants unasked as soon as there is a WebSocket API: the connections of every API of the account. */
const EVERY_CONNECTION = JSON.stringify([{ "Fn::Sub": "arn:${AWS::Partition}:execute-api:*:*:*/@connections/*" }]);

/** Takes that grant back. What the functions need, their own API's connections, is granted in `serverless.yml`. */
export default class LivePolicy {
  readonly hooks: Record<string, () => Promise<void>>;

  constructor(serverless: Serverless) {
    this.hooks = { "after:package:compileEvents": async () => narrow(serverless) };
  }
}

function narrow({ service }: Serverless): void {
  const role = service.provider.compiledCloudFormationTemplate.Resources["IamRoleLambdaExecution"] as Role | undefined;
  for (const { PolicyDocument } of role?.Properties.Policies ?? []) {
    PolicyDocument.Statement = PolicyDocument.Statement.filter(
      ({ Resource }) => JSON.stringify(Resource) !== EVERY_CONNECTION,
    );
  }
}
