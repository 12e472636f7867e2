type Environment = Readonly<Record<string, string | undefined>>;

/** CloudFront takes certificates and web ACLs of this region only. */
const EDGE_REGION = "us-east-1";

/**
 * Finds what cannot be meant among the settings of a deployment, so that it ends before anything is changed.
 *
 * @param region Where the stack is, or shall be.
 * @returns What is wrong and what to do; nothing if all is well.
 */
export function problemWith(environment: Environment, region: string): string | undefined {
  return problemWithDomain(environment) ?? problemWithWaf(environment, region) ?? problemWithBudget(environment);
}

function problemWithDomain({ DOMAIN_NAME, CERTIFICATE_ARN }: Environment): string | undefined {
  if (Boolean(DOMAIN_NAME) !== Boolean(CERTIFICATE_ARN)) {
    return "DOMAIN_NAME and CERTIFICATE_ARN belong together: set both, or none of them.";
  }
  if (CERTIFICATE_ARN && !/^arn:[\w-]+:acm:us-east-1:/.test(CERTIFICATE_ARN)) {
    return "CERTIFICATE_ARN must be a certificate in us-east-1: CloudFront takes no other.";
  }
  return undefined;
}

const WEB_ACL = /^arn:[\w-]+:wafv2:us-east-1:\d{12}:global\/webacl\/[\w-]+\/[\w-]+$/;

function problemWithWaf({ WAF }: Environment, region: string): string | undefined {
  if (!WAF || WAF === "false" || WEB_ACL.test(WAF)) return undefined;
  if (WAF !== "true") return "WAF must be true, false, or the ARN of a web ACL for CloudFront (global, in us-east-1).";
  if (region === EDGE_REGION) return undefined;
  return `WAF=true makes a web ACL in the stack's region, and CloudFront takes those of ${EDGE_REGION} only; this stack is in ${region}. Deploy to ${EDGE_REGION}, or make a web ACL for CloudFront by yourself and set WAF to its ARN.`;
}

function problemWithBudget({ BUDGET }: Environment): string | undefined {
  if (!BUDGET || /^[1-9]\d{0,8}(\.\d{1,2})?$/.test(BUDGET)) return undefined;
  return "BUDGET must be an amount of dollars a month, such as 20 or 99.50.";
}
