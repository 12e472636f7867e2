import { parse as parseQuery } from "node:querystring";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import fc, { type Arbitrary } from "fast-check";
import type { Answer, Api } from "../support/api.ts";
import type { Rights } from "./bodies.ts";
import type { Input } from "./events.ts";
import type { World } from "./world.ts";

/** A path's parameter that only the running service knows. */
export const RIGHT_PARAMETER = "(right)";

/** One route under fire. */
export interface Target {
  readonly name: string;
  /** It gets one in so many of the inputs. */
  readonly oneIn?: number;
  readonly method: string;
  path(input: Input): string;
  /** What {@link RIGHT_PARAMETER} stands for. */
  rightParameter?(world: World): string;
  /** The same for the second parameter of the path. */
  rightSecond?(world: World): string;
  readonly inputs: Arbitrary<Input>;
  rights(world: World): Rights;
  /** The codes of the problems that it may answer, by their status, and the statuses of success. */
  readonly answers: Readonly<Record<number, readonly string[]>>;
  /** What has to hold after an answer that is no problem. */
  accepted?(world: World, event: APIGatewayProxyEventV2, answer: Answer): Promise<void>;
  /** Makes the world right after a request of which nobody knows whether it is served, or will be. */
  unsure?(world: World, api: Api): Promise<void>;
}

export const INVALID = { 400: ["invalid_request"], 413: ["too_large"], 415: ["unsupported_media_type"] };
export const CLAIMED = { ...INVALID, 401: ["invalid_token"], 403: ["forbidden"] };
export const nothing = fc.constant(undefined);
export const post = (path: string) => ({ method: "POST", path: () => path });

/** What the body holds under a name, read by other means than goTalk's. */
export function fieldIn({ body = "", isBase64Encoded, headers }: APIGatewayProxyEventV2, name: string): unknown {
  const written = Buffer.from(body, isBase64Encoded ? "base64" : "utf8").toString();
  if (/json/i.test(headers["content-type"] ?? "")) return JSON.parse(written)[name];
  const value = parseQuery(written, "&", "=", { maxKeys: 0 })[name];
  return Array.isArray(value) ? value.at(-1) : value;
}
