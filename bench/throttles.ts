import { readFileSync } from "node:fs";
import { parse } from "yaml";

interface Throttling {
  readonly ThrottlingRateLimit: number;
}

interface Stage {
  readonly Properties: {
    readonly DefaultRouteSettings: Throttling;
    readonly RouteSettings: Readonly<Record<string, Throttling>>;
  };
}

/** The requests a second that API Gateway lets in of each route by itself, as `deploy/apis.yml` has it. */
export function throttles() {
  const { extensions } = parse(readFileSync(new URL("../deploy/apis.yml", import.meta.url), "utf8")) as {
    readonly extensions: Readonly<Record<"HttpApiStage" | "WebsocketsDeploymentStage", Stage>>;
  };
  const rateOf = ({ Properties }: Stage, route?: string): number => {
    const { DefaultRouteSettings, RouteSettings } = Properties;
    const settings = route === undefined ? DefaultRouteSettings : RouteSettings[route];
    if (settings === undefined) throw new Error(`deploy/apis.yml has no rate for ${route}`);
    return settings.ThrottlingRateLimit;
  };
  const { HttpApiStage: http, WebsocketsDeploymentStage: live } = extensions;
  return {
    /** Any route of the HTTP API that has none of its own. */
    anyRoute: rateOf(http),
    login: rateOf(http, "POST /login"),
    connect: rateOf(live, "$connect"),
    frame: rateOf(live),
  };
}
