/** How the API refuses a request (RFC 9457). */
interface Problem {
  /** The HTTP status. */
  readonly status: number;
  /** The kind of problem, in words. */
  readonly title: string;
  /** What happened and what to do, if that is always the same. `%s` stands for a value of the case. */
  readonly detail?: string;
  /** Headers of the answer, besides those of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer has the header `Retry-After`. */
  readonly isTimed?: boolean;
}

const BEARER = { "www-authenticate": "Bearer" };

/** Every problem of the API, by its code. A code never changes its meaning. */
const TABLE = {
  /** Some fields break a rule. The problem lists each field with what is wrong. */
  invalid_request: { status: 400, title: "The request is not valid" },
  /** The time in a `messageId` is too far from the server's. */
  message_id_time: {
    status: 400,
    title: "The time in the messageId is wrong",
    detail:
      "The time in the messageId is %s. This request stored nothing. Compare your clock with serverTime. A message that you have not sent before needs a new UUIDv7.",
  },
  /** The same for every cause: a client must not learn what is wrong with a token. */
  invalid_token: {
    status: 401,
    title: "The token is not valid",
    detail: "Log in to get a new token.",
    headers: BEARER,
  },
  /** The same for an unknown user and a wrong password. */
  invalid_credentials: {
    status: 401,
    title: "The login failed",
    detail: "The username or the password is wrong.",
    headers: BEARER,
  },
  /** The password was right, and the device of the login no longer exists. */
  device_expired: {
    status: 401,
    title: "The device no longer exists",
    detail:
      "You have no device with this deviceId: it was removed, logged out, or not seen for 30 days. Log in with a deviceName to begin a new one.",
    headers: BEARER,
  },
  /** The token is valid, but belongs to another user. */
  forbidden: {
    status: 403,
    title: "Not yours",
    detail: "The token belongs to another user than the one in %s.",
  },
  /** A browser made the request for a page of another site. */
  cross_site: {
    status: 403,
    title: "Not from another site",
    detail:
      "A browser sent this request for a page of another site. Only goTalk's own page may call the API from a browser; programs send neither Origin nor Sec-Fetch-Site.",
  },
  /** Only in the local stack: the header `Host` names another host. */
  unknown_host: {
    status: 403,
    title: "Not a host of this stack",
    detail:
      "The header Host names no host of this stack. Start the stack with the name in GOTALK_HOSTS to be reached by it.",
  },
  /** The receiver does not want the sender's messages. */
  blocked: {
    status: 403,
    title: "The receiver has blocked you",
    detail: "The receiver has blocked you. Nothing was stored.",
  },
  /** The caller is a member of the group, and only its admins may do this. */
  not_an_admin: {
    status: 403,
    title: "Not an admin of the group",
    detail: "Only an admin of the group may do this. GET /groups/{groupId} says who is one.",
  },
  /** Nobody can register here. */
  registration_closed: {
    status: 403,
    title: "Registration is closed",
    detail: "Nobody can register here. Ask the operator of this service.",
  },
  /** The same for an unknown, a used and an expired invitation; and for a code that lets nobody into a group any more. */
  invalid_invite: {
    status: 403,
    title: "The invite code is not valid",
    detail: "The inviteCode is unknown, used or expired. Ask the operator of this service for another one.",
  },
  /** A message for a user id that nobody has. */
  unknown_receiver: {
    status: 404,
    title: "No such receiver",
    detail: "No user has the id in sendToId. Look it up by GET /users/{username}.",
  },
  /** A username, or a user's id, that nobody has. */
  unknown_user: { status: 404, title: "No such user", detail: "There is no user with this name." },
  /** The same for a device that does not exist and for another user's. */
  unknown_device: {
    status: 404,
    title: "No such device",
    detail: "You have no device with this id. GET /devices lists those that you have.",
  },
  /** The same for a group that does not exist and for one that the caller is not in. */
  unknown_group: {
    status: 404,
    title: "No such group",
    detail: "You are in no group with this id. GET /groups lists those that you are in.",
  },
  /** The id of a file that the server cannot have made. Whether there is a file under an id is known to the store alone. */
  unknown_file: { status: 404, title: "No such file", detail: "No file has this id." },
  /** A path outside the API. */
  not_found: { status: 404, title: "No such route" },
  /** A path of the API with a method that it does not have. */
  method_not_allowed: { status: 405, title: "Wrong method", detail: "This route takes %s only." },
  /** The username belongs to somebody already. */
  username_taken: {
    status: 409,
    title: "The username is taken",
    detail: "Somebody has registered this username, or gave it up less than 90 days ago. Choose another one.",
  },
  /** The sender used this id for a message to another receiver or with another content. */
  message_id_reused: {
    status: 409,
    title: "The messageId is used",
    detail:
      "You have sent another content, or to another receiver, under this messageId. Make a new UUIDv7 for a new message.",
  },
  /** The user has blocked as many users as allowed. */
  too_many_blocks: {
    status: 409,
    title: "Too many blocked users",
    detail: "You may block %s users. Unblock one first.",
  },
  /** A group has as many members as allowed. */
  too_many_members: {
    status: 409,
    title: "Too many members",
    detail: "A group may have %s members. Nothing was changed.",
  },
  /** The members of a group have more devices than one request can reach. */
  group_too_large: {
    status: 409,
    title: "Too many devices in the group",
    detail:
      "A message to a group may go to %s devices. Nothing was stored. The group needs fewer members, or they need fewer devices.",
  },
  /** A user is in as many groups as allowed. */
  too_many_groups: {
    status: 409,
    title: "Too many groups",
    detail: "Nothing was changed: %s may be in %s groups.",
  },
  /** The group would have no admin. */
  last_admin: {
    status: 409,
    title: "The only admin",
    detail: "You are the only admin of the group. Make another member one first, or leave the group.",
  },
  /** A login would need one device more than allowed. The problem lists them. */
  too_many_devices: {
    status: 409,
    title: "Too many devices",
    detail:
      "You may have %s devices. Remove one first, or log in with the id of one as replaceDeviceId, which removes it.",
  },
  /** More bytes than the limit. */
  too_large: { status: 413, title: "Too large", detail: "The %s may have %s bytes at most." },
  /** A file is larger than the operator allows. The problem tells the bound as `maxBytes`: of the file, before it is encrypted. */
  file_too_large: {
    status: 413,
    title: "The file is too large",
    detail: "A file may have %s bytes before it is encrypted. Nothing was stored.",
  },
  /** Neither JSON nor a form. */
  unsupported_media_type: {
    status: 415,
    title: "Unknown content type",
    detail: "Send the body as application/json or application/x-www-form-urlencoded, in UTF-8.",
    headers: { "accept-post": "application/json, application/x-www-form-urlencoded" },
  },
  /** Logins for this username are slowed down. */
  too_many_attempts: {
    status: 429,
    title: "Too many failed logins",
    detail: "Try again in %s.",
    isTimed: true,
  },
  /** The sender is over their rate. */
  too_many_messages: {
    status: 429,
    title: "Too many messages",
    detail: "You send too fast. Try again in %s.",
    isTimed: true,
  },
  /** A user or an address is over its rate. */
  too_many_requests: {
    status: 429,
    title: "Too many requests",
    detail: "You ask too often. Try again in %s.",
    isTimed: true,
  },
  /** So many messages wait on each of the receiver's devices that the server accepts no more. */
  channel_full: {
    status: 429,
    title: "The receiver's channel is full",
    detail: "The receiver has to fetch messages first. Try again in %s, with the same messageId.",
    isTimed: true,
  },
  /** The user has uploaded as much today as allowed. */
  too_many_files: {
    status: 429,
    title: "Too many files today",
    detail: "You may upload %s files and %s bytes a day. The day ends at midnight UTC.",
    isTimed: true,
  },
  /** A defect of the server. */
  internal_error: {
    status: 500,
    title: "Something went wrong",
    detail: "It is not your fault. Try again later.",
  },
  /**
   * The database is slow, throttled or gone. Trying again is safe: a message that was answered 202 is kept. Only a sync
   * without `ack` may have settled messages by a write whose answer did not come.
   */
  unavailable: {
    status: 503,
    title: "Not available right now",
    detail: "The service is busy. Try again shortly.",
    isTimed: true,
  },
} as const satisfies Readonly<Record<string, Problem>>;

/** The code of a problem, for programs. */
export type ProblemCode = keyof typeof TABLE;

/** The codes of the problems that say when to try again. */
export type TimedCode = {
  [Code in ProblemCode]: (typeof TABLE)[Code] extends { isTimed: true } ? Code : never;
}[ProblemCode];

const LOOK_UP = "Look it up by GET /users/{username}.";

/** What some routes say in place of the table's detail. */
export const DETAILS = {
  /** Of `unknown_user`, for the one id of a request. */
  unknownId: `No user has this id. ${LOOK_UP}`,
  /** Of `unknown_user`, for some of several ids. */
  unknownIds: (ids: readonly string[]) => `No user has the id ${ids.join(", ")}. ${LOOK_UP}`,
  /** Of `blocked`, for a group. */
  cannotAdd: (usernames: readonly string[]) =>
    `You cannot add ${usernames.join(", ")}. They have blocked you. Nothing was changed.`,
  /** Of `invalid_invite`, for a group. */
  groupCode: "The code is wrong, or no longer valid. Ask an admin of the group for another one.",
} as const;

/** Every problem of the API, by its code. */
export const PROBLEMS: Readonly<Record<ProblemCode, Problem>> = TABLE;
