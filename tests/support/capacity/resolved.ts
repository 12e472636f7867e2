import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/**
 * To be called after something was added to the middleware of a client that has made calls: it resolves its middleware once for each
 * kind of command (the SDK's `cacheMiddleware`), and would know nothing of what came later.
 */
export const forgetResolved = (client: DynamoDBClient): boolean => Reflect.deleteProperty(client, "handlers");
