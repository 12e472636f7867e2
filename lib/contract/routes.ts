import type { ProblemCode } from "./problems.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Route {
  /** Whether it needs no token. */
  readonly isOpen?: boolean;
  /** The HTTP status of success. */
  readonly success: number;
  /** The codes of its problems, besides those of every route and of every body. */
  readonly problems: readonly ProblemCode[];
}

const TOKEN: readonly ProblemCode[] = ["invalid_token", "too_many_requests"];
const OWNER: readonly ProblemCode[] = [...TOKEN, "forbidden"];
const MEMBER: readonly ProblemCode[] = [...TOKEN, "unknown_group"];
const ADMIN: readonly ProblemCode[] = [...MEMBER, "not_an_admin"];
/** Of what all members are told. */
const CHANGE: readonly ProblemCode[] = [...ADMIN, "too_many_messages"];
const PASSWORD: readonly ProblemCode[] = [...OWNER, "invalid_credentials", "too_many_attempts"];

/** In the order in which people use them. */
const TABLE = {
  "POST /register": {
    isOpen: true,
    success: 201,
    problems: ["username_taken", "registration_closed", "invalid_invite", "too_many_requests"],
  },
  "POST /login": {
    isOpen: true,
    success: 200,
    problems: ["invalid_credentials", "device_expired", "too_many_devices", "too_many_attempts", "too_many_requests"],
  },
  "POST /logout": {
    success: 204,
    problems: OWNER,
  },
  "POST /password": {
    success: 204,
    problems: PASSWORD,
  },
  "POST /account/delete": {
    success: 204,
    problems: PASSWORD,
  },
  "GET /users/{username}": {
    success: 200,
    problems: [...TOKEN, "unknown_user"],
  },
  "POST /send": {
    success: 202,
    problems: [
      "message_id_time",
      ...OWNER,
      "blocked",
      "unknown_receiver",
      "unknown_group",
      "group_too_large",
      "message_id_reused",
      "too_many_messages",
      "channel_full",
    ],
  },
  "POST /sync": {
    success: 200,
    problems: OWNER,
  },
  "GET /sessions": {
    success: 200,
    problems: TOKEN,
  },
  "DELETE /sessions/{sessionId}": {
    success: 204,
    problems: TOKEN,
  },
  "POST /devices": {
    success: 200,
    problems: [...OWNER, "too_many_devices"],
  },
  "GET /devices": {
    success: 200,
    problems: TOKEN,
  },
  "DELETE /devices/{deviceId}": {
    success: 204,
    problems: [...TOKEN, "unknown_device"],
  },
  "GET /push": {
    success: 200,
    problems: TOKEN,
  },
  "PUT /push": {
    success: 204,
    problems: TOKEN,
  },
  "DELETE /push": {
    success: 204,
    problems: TOKEN,
  },
  "GET /blocks": {
    success: 200,
    problems: TOKEN,
  },
  "PUT /blocks/{userId}": {
    success: 204,
    problems: [...TOKEN, "unknown_user", "too_many_blocks"],
  },
  "DELETE /blocks/{userId}": {
    success: 204,
    problems: TOKEN,
  },
  "POST /groups": {
    success: 201,
    problems: [...MEMBER, "unknown_user", "blocked", "too_many_groups", "too_many_messages"],
  },
  "GET /groups": {
    success: 200,
    problems: TOKEN,
  },
  "GET /groups/{groupId}": {
    success: 200,
    problems: MEMBER,
  },
  "PATCH /groups/{groupId}": {
    success: 200,
    problems: CHANGE,
  },
  "PUT /groups/{groupId}/members/{userId}": {
    success: 200,
    problems: [...CHANGE, "unknown_user", "blocked", "too_many_members", "too_many_groups", "last_admin"],
  },
  "DELETE /groups/{groupId}/members/{userId}": {
    success: 204,
    problems: CHANGE,
  },
  "POST /groups/{groupId}/invite": {
    success: 200,
    problems: ADMIN,
  },
  "POST /groups/join": {
    success: 200,
    problems: [...MEMBER, "invalid_invite", "too_many_members", "too_many_groups", "too_many_messages"],
  },
  "POST /files": {
    success: 201,
    problems: [...TOKEN, "file_too_large", "too_many_files"],
  },
  "GET /files/{fileId}": {
    success: 200,
    problems: [...TOKEN, "unknown_file"],
  },
} as const satisfies Readonly<Record<`${Method} /${string}`, Route>>;

/** Names a route as API Gateway does, such as `GET /users/{username}`. */
export type RouteKey = keyof typeof TABLE;

/** The routes about files. */
export type FileRoute = Extract<RouteKey, `${string} /files${string}`>;

/** Every route of the HTTP API. */
export const ROUTES: Readonly<Record<RouteKey, Route>> = TABLE;

export const ROUTE_KEYS = Object.keys(TABLE) as readonly RouteKey[];

/** The parts of a route's name. */
export function partsOf(key: RouteKey): { readonly method: Method; readonly path: string } {
  const [method = "", path = ""] = key.split(" ");
  return { method: method as Method, path };
}
