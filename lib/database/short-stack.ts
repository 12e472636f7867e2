import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { HttpRequest } from "@smithy/core/protocols";
import { SignatureV4 } from "@smithy/signature-v4";

/** What the SDK does in each call for other uses than goTalk's. */
const UNUSED = [
  // Prints each call, where a client is given a logger.
  "loggerMiddleware",
  // Finds functions that call themselves, through services that call functions. DynamoDB calls none.
  "recursionDetectionMiddleware",
  // Names the SDK, and which of its features are in use.
  "getUserAgentMiddleware",
  // Chooses between ways to sign, and makes a signer. DynamoDB takes one way.
  "httpAuthSchemeMiddleware",
  "httpSigningMiddleware",
];

/**
 * Leaves out of a client what it does in each call and need not: about a quarter of the processor's time of a call, of which a message
 * to a group takes hundreds. Retries, time-outs, endpoints and what is written on the wire stay the SDK's.
 *
 * All attempts are signed by one signer of the SDK, with the client's region and credentials, by the clock of this machine. Unlike the
 * SDK's own middleware it does not learn from an answer that the clock is wrong. AWS refuses a call whose time is 5 minutes off.
 *
 * To be called before the first call.
 *
 * @throws {Error} The SDK's client has no such middleware: it is another version.
 */
export function shortenStack({ middlewareStack, config }: Pick<DynamoDBClient, "middlewareStack" | "config">): void {
  for (const name of UNUSED) {
    if (!middlewareStack.remove(name)) throw new Error(`the SDK's client has no middleware ${name} to leave out`);
  }
  const { region, credentials, sha256 } = config;
  const signer = new SignatureV4({ service: "dynamodb", region, credentials, sha256 });
  middlewareStack.add(
    (next) => async (args) => next({ ...args, request: await signer.sign(args.request as HttpRequest) }),
    { step: "finalizeRequest", name: "sign", priority: "low" },
  );
}
