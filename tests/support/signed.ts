import type { IncomingMessage } from "node:http";
import { AwsV4Signer } from "aws4fetch";

/** Whom a call of AWS is signed for, and by whom. */
interface Signer {
  readonly service: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Whether a request bears the signature that another implementation than the SDK's makes of what arrived. */
export async function isSigned(
  { method = "", url = "", headers }: IncomingMessage,
  body: string,
  { credentials, ...signer }: Signer,
): Promise<boolean> {
  const names = /SignedHeaders=([^,]*)/.exec(headers.authorization ?? "")?.[1]?.split(";") ?? [];
  const signed = await new AwsV4Signer({
    ...{ ...signer, ...credentials, method, body, url: `http://${headers.host}${url}` },
    headers: Object.fromEntries(names.map((name) => [name, `${headers[name]}`])),
    datetime: `${headers["x-amz-date"]}`,
    allHeaders: true,
  }).sign();
  return signed.headers.get("authorization") === headers.authorization;
}
