import { APIGatewayClient, GetAccountCommand } from "@aws-sdk/client-api-gateway";
import type { AwsConfig } from "./stack.ts";

/**
 * Finds out whether API Gateway may write the access log of a WebSocket API. It may with a role that is set once for the
 * account and the region; without it CloudFormation fails after minutes, and takes back all that it has made.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 *
 * @returns What is wrong and what to do; nothing if all is well.
 */
export async function problemWithLogRole(config: AwsConfig): Promise<string | undefined> {
  const client = new APIGatewayClient(config);
  try {
    const { cloudwatchRoleArn } = await client.send(new GetAccountCommand());
    if (cloudwatchRoleArn) return undefined;
    return `LIVE_ACCESS_LOGS=true needs a role for API Gateway's logs, which this account has not in ${config.region}. Set one in API Gateway's console under Settings, or leave LIVE_ACCESS_LOGS out.`;
  } catch (error) {
    // A deployment may lack the permission to check. CloudFormation then reports a missing role.
    if (error instanceof Error && error.name === "AccessDeniedException") return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
