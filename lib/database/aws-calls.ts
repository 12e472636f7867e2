import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SignatureV4 } from "@smithy/signature-v4";

/** A call of an AWS service. */
interface AwsCall {
  /** The service, as a signature names it. */
  readonly service: "execute-api" | "lambda" | "scheduler";
  readonly method?: "POST" | "DELETE";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; empty if there is none. */
  readonly body: string;
}

/** Signs a call. @returns All of its headers. */
export type Sign = (call: AwsCall) => Promise<Record<string, string>>;

/**
 * Signs calls as the database client signs its own, with the same credentials. The SDK's own clients of these services would be more
 * code than goTalk's. Some calls must not wait for an answer, which no such client can be told. Others are many at once, and each would
 * take twice the processor's time.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function signBy({ config }: Pick<DynamoDBClient, "config">): Sign {
  const { region, credentials, sha256 } = config;
  const signers = new Map<string, SignatureV4>();
  return async ({ service, method = "POST", url, headers, body }) => {
    const signer = signers.get(service) ?? new SignatureV4({ service, region, credentials, sha256 });
    signers.set(service, signer);
    const { protocol, hostname, pathname: path, host } = url;
    const signed = await signer.sign({
      method,
      protocol,
      hostname,
      path,
      query: {},
      headers: { ...headers, host, "content-type": "application/json" },
      body,
    });
    return signed.headers;
  };
}
