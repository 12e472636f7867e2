/** For `serverless.yml`, which reads no TypeScript: the page's policy, as the local stack sends it. */
export { contentSecurityPolicy } from "../static/policy.ts";
