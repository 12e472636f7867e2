import { readConfig } from "../lib/services/config.ts";

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
  return (
    problemWithFunctions(environment) ??
    problemWithSwitches(environment) ??
    problemWithCloudFront(environment) ??
    problemWithDomain(environment) ??
    problemWithWaf(environment, region) ??
    problemWithAlarms(environment, region) ??
    problemWithBudget(environment)
  );
}

/** What a function refuses when it loads: all of them would be down, and the deployment would have succeeded. */
function problemWithFunctions(environment: Environment): string | undefined {
  try {
    // What only the stack can know, and the token key, which a deployment does not take from here.
    readConfig({ ...environment, CHANNELS_TABLE: "channels", ACCOUNTS_TABLE: "accounts", TOKEN_KEY: undefined });
    return undefined;
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}.`;
  }
}

/** The template takes nothing else for these, and says so after the packages are uploaded. */
const SWITCHES = ["ACCESS_LOGS", "CLOUDFRONT", "LIVE_ACCESS_LOGS", "XRAY"];

function problemWithSwitches(environment: Environment): string | undefined {
  const name = SWITCHES.find((one) => !["true", "false", ""].includes(environment[one] ?? ""));
  return name && `${name} must be true or false.`;
}

function problemWithCloudFront({ CLOUDFRONT, DOMAIN_NAME, CERTIFICATE_ARN, WAF }: Environment): string | undefined {
  if (CLOUDFRONT !== "false") return undefined;
  if (DOMAIN_NAME || CERTIFICATE_ARN) {
    return "A domain needs CloudFront: unset DOMAIN_NAME and CERTIFICATE_ARN, or do not set CLOUDFRONT=false.";
  }
  if (WAF && WAF !== "false")
    return "The firewall stands before CloudFront: unset WAF, or do not set CLOUDFRONT=false.";
  return undefined;
}

const HOST_NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i;

function problemWithDomain({ DOMAIN_NAME, CERTIFICATE_ARN }: Environment): string | undefined {
  if (Boolean(DOMAIN_NAME) !== Boolean(CERTIFICATE_ARN)) {
    return "DOMAIN_NAME and CERTIFICATE_ARN belong together: set both, or none of them.";
  }
  if (DOMAIN_NAME && !HOST_NAME.test(DOMAIN_NAME)) {
    return "DOMAIN_NAME must be the name alone, such as chat.example.com.";
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

/** An alarm reaches a topic of its own region only. */
function problemWithAlarms({ ALARM_EMAIL, ALARM_TOPIC_ARN }: Environment, region: string): string | undefined {
  if (ALARM_EMAIL && !/^[^\s@]+@[^\s@]+$/.test(ALARM_EMAIL)) return "ALARM_EMAIL must be one address for mail.";
  const [, topicRegion] = /^arn:[\w-]+:sns:([\w-]+):\d{12}:[\w.-]+$/.exec(ALARM_TOPIC_ARN ?? "") ?? [];
  if (!ALARM_TOPIC_ARN || topicRegion === region) return undefined;
  return `ALARM_TOPIC_ARN must be the ARN of an SNS topic in ${region}, where the stack is.`;
}

function problemWithBudget({ BUDGET }: Environment): string | undefined {
  if (!BUDGET || /^[1-9]\d{0,8}(\.\d{1,2})?$/.test(BUDGET)) return undefined;
  return "BUDGET must be an amount of dollars a month, such as 20 or 99.50.";
}
