import { policyWithStore } from "../static/policy.ts";

/*
 * For `serverless.yml`, which reads no TypeScript: the page's policy, as the local stack sends it, with the bucket of files beside the
 * page's own host. The bucket is not referred to: it refers to the distribution, which has this policy.
 */

/** Called by the framework, when it resolves `serverless.yml`. */
export async function contentSecurityPolicy({ resolveVariable }) {
  const bucket = await resolveVariable("self:custom.gotalk.filesBucket");
  return { "Fn::Sub": policyWithStore(`https://${bucket}.s3.\${AWS::Region}.\${AWS::URLSuffix}`) };
}
