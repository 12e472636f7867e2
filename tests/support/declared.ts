import { readFileSync } from "node:fs";
import { parse } from "yaml";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

interface Events {
  readonly events?: readonly { readonly httpApi?: string }[];
}

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly AlarmName?: string };
}

/** The routes of `serverless.yml`, such as `POST /send`, without the one for all others. */
export function declaredRoutes(): string[] {
  const { functions } = parse(read("serverless.yml")) as { functions: Record<string, Events> };
  const events = Object.values(functions).flatMap(({ events: each }) => each ?? []);
  return events.flatMap(({ httpApi }) => (httpApi === undefined || httpApi === "*" ? [] : [httpApi]));
}

/** The alarms of `deploy/alarms.yml`, without what all names begin with. */
export function declaredAlarms(): string[] {
  const { Resources } = parse(read("deploy/alarms.yml")) as { Resources: Record<string, Resource> };
  const alarms = Object.values(Resources).filter(({ Type }) => Type === "AWS::CloudWatch::Alarm");
  return alarms.map(({ Properties }) => String(Properties.AlarmName).replace("${self:service}-${sls:stage}-", ""));
}
