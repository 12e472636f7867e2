import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { ASSUMED, add, cost, GB, invocation, type Quantities, times } from "./price-list.ts";

/*
 * What somebody without an account can make an operator pay for in an hour: as much as API Gateway lets in (deploy/apis.yml),
 * and as much as WAF=true lets in from one address (deploy/firewall.yml).
 */

const read = (path: string) => parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
const { HttpApiStage, WebsocketsDeploymentStage } = read("deploy/apis.yml").extensions;
const RULES: readonly FirewallRule[] = read("deploy/firewall.yml").Resources.WebAcl.Properties.Rules;

interface FirewallRule {
  readonly Name: string;
  readonly Statement: { readonly RateBasedStatement: { readonly Limit: number; readonly EvaluationWindowSec: number } };
}

const HOUR_SECONDS = 3_600;

/** For a password: argon2id on a whole processor, see serverless.yml. */
const HASH_MS = 100;

/** A junk request is refused before it does anything. */
const REFUSAL_MS = 2;

/** How long API Gateway keeps a silent connection. */
const IDLE_MINUTES = 10;

/** https://aws.amazon.com/waf/pricing/, in dollars for each request that is looked at. */
const INSPECTION = 0.6e-6;

/** The refusal's bytes, with its headers. */
const ANSWER_BYTES = 600;

const ofHttp: Quantities = {
  edgeRequest: 1,
  httpRequest: 1,
  trafficGb: ANSWER_BYTES / GB,
  logGb: ASSUMED.accessLogBytes / GB,
};

/** What can be sent, how often a second, and what one is. */
const FLOODS = [
  {
    what: "requests without a token",
    perSecond: HttpApiStage.Properties.DefaultRouteSettings.ThrottlingRateLimit,
    each: add(ofHttp, invocation("sync", REFUSAL_MS, 0)),
    rule: "requests",
  },
  {
    what: "logins with a wrong password",
    perSecond: HttpApiStage.Properties.RouteSettings["POST /login"].ThrottlingRateLimit,
    // The name and three records of failures are read, and two of these written.
    each: add(ofHttp, invocation("accounts", HASH_MS, 2 * ASSUMED.roundTripMs), { readUnit: 4, writeUnit: 2 }),
    rule: "passwords",
  },
  {
    what: "WebSockets that say nothing",
    perSecond: WebsocketsDeploymentStage.Properties.RouteSettings.$connect.ThrottlingRateLimit,
    // Two runs: it opens, and it is forgotten when it is closed.
    each: add(
      { edgeRequest: 1, webSocketMinute: IDLE_MINUTES, writeUnit: 1 },
      invocation("live", REFUSAL_MS, 0),
      invocation("live", REFUSAL_MS, ASSUMED.roundTripMs),
    ),
    rule: "requests",
  },
  {
    what: "pings over new WebSockets, which prove nothing",
    perSecond: WebsocketsDeploymentStage.Properties.DefaultRouteSettings.ThrottlingRateLimit,
    // As long as its connection is new it may say so much that is answered: pings. Opening it is next to nothing beside.
    each: add({ webSocketMessage: 2, trafficGb: ASSUMED.frameBytes / GB }, invocation("live", REFUSAL_MS, 0)),
    rule: undefined,
  },
] as const;

/** Requests a second that a rule of the firewall lets pass from one address, on average. */
function passing(name: string): number {
  const rate = RULES.find(({ Name }) => Name === name)?.Statement.RateBasedStatement;
  if (rate === undefined) throw new Error(`the firewall has no rule ${name}`);
  return rate.Limit / rate.EvaluationWindowSec;
}

export interface Flood {
  readonly what: string;
  readonly perSecond: number;
  /** Dollars. */
  readonly anHour: number;
  /** Dollars, with WAF=true, from one address. */
  readonly guarded: number;
}

/*
 * CloudFront does not charge for what the firewall blocks:
 * https://aws.amazon.com/about-aws/whats-new/2024/10/amazon-cloudfront-charges-requests-blocked-aws-waf/
 */

/** The price of each flood for an hour. */
export const floods = (): Flood[] =>
  FLOODS.map(({ what, perSecond, each, rule }) => {
    const passed = rule === undefined ? perSecond : Math.min(perSecond, passing(rule));
    const price = (rate: number) => cost(times(rate * HOUR_SECONDS, each));
    const inspected = rule === undefined ? 0 : perSecond * HOUR_SECONDS * INSPECTION;
    return { what, perSecond, anHour: price(perSecond), guarded: price(passed) + inspected };
  });
