import { CloudFrontClient, CreateInvalidationCommand } from "@aws-sdk/client-cloudfront";
import type { PageFile } from "../stack/page-files.ts";
import type { AwsConfig } from "./stack.ts";

/**
 * Invalidates the files in CloudFront that keep their names while their content changes. It takes AWS a minute or so. The deployment
 * does not wait for it: browsers revalidate these files anyway.
 *
 * @throws {Error} The distribution is gone: somebody has deleted it by hand, and CloudFormation does not know.
 */
export async function invalidate(distributionId: string, files: readonly PageFile[], config: AwsConfig): Promise<void> {
  const paths = files.filter(({ cacheControl }) => cacheControl === "no-cache").map(({ path }) => path);
  const client = new CloudFrontClient(config);
  try {
    await client.send(
      new CreateInvalidationCommand({
        DistributionId: distributionId,
        InvalidationBatch: {
          CallerReference: String(Date.now()),
          Paths: { Quantity: paths.length + 1, Items: ["/", ...paths] },
        },
      }),
    );
  } catch (error) {
    // So many are allowed at once. Each of these files is asked for again in any case.
    if (error instanceof Error && error.name === "TooManyInvalidationsInProgress") return;
    if (!(error instanceof Error && error.name === "NoSuchDistribution")) throw error;
    throw new Error(
      `The distribution ${distributionId} is gone, and CloudFormation does not make it again. Run \`npm run remove\` and then \`npm run deploy\`, with the same stage and region: the data stays, and the URL is a new one.`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}
