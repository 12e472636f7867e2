import { CloudFrontClient, CreateInvalidationCommand } from "@aws-sdk/client-cloudfront";
import type { PageFile } from "../local/page-files.ts";
import type { AwsConfig } from "./stack.ts";

/**
 * Has CloudFront forget the files that keep their names while their content changes. It takes AWS a minute or so, and
 * nobody waits for it: they say themselves that they must be asked for again.
 */
export async function forget(distributionId: string, files: readonly PageFile[], config: AwsConfig): Promise<void> {
  const paths = files.filter(({ cacheControl }) => cacheControl === "no-cache").map(({ path }) => path);
  const client = new CloudFrontClient(config);
  await client.send(
    new CreateInvalidationCommand({
      DistributionId: distributionId,
      InvalidationBatch: {
        CallerReference: String(Date.now()),
        Paths: { Quantity: paths.length + 1, Items: ["/", ...paths] },
      },
    }),
  );
  client.destroy();
}
