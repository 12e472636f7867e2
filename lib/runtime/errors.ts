/** What is wrong with one field of a request. */
export interface FieldIssue {
  readonly field: string;
  readonly detail: string;
}

interface ErrorOptions {
  readonly cause?: unknown;
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number;
  /** Further response headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the problem. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * The one error that reaches a client. `message` is shown as the problem's `detail`: it must say what to do, and never
 * carry internal text (that goes into `cause`, which is logged only).
 */
export class GoTalkError extends Error {
  override readonly name: string = "GoTalkError";
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly retryAfter: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, title: string, detail: string, options: ErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.title = title;
    this.retryAfter = options.retryAfter;
    this.headers = options.headers ?? {};
    this.members = options.members ?? {};
  }
}

/** 400: fields that break a rule; each is listed with what is wrong with it. */
export class InvalidRequest extends GoTalkError {
  override readonly name = "InvalidRequest";
  readonly issues: readonly FieldIssue[];

  constructor(detail: string, issues: readonly FieldIssue[] = []) {
    const members = issues.length > 0 ? { errors: issues } : {};
    super(400, "invalid_request", "The request is not valid", detail, { members });
    this.issues = issues;
  }
}

/** 400: the time in a `messageId` is too far from the server's. `serverTime` is RFC 3339 with milliseconds. */
export class MessageIdTime extends GoTalkError {
  override readonly name = "MessageIdTime";

  /** @param what What is wrong with the time, as the end of a sentence. */
  constructor(what: string, serverTime: string) {
    super(
      400,
      "message_id_time",
      "The time in the messageId is wrong",
      `The time in the messageId is ${what}. This request stored nothing. Compare your clock with serverTime. A message that you have not sent before needs a new UUIDv7.`,
      { members: { serverTime } },
    );
  }
}

/** 401. All causes look alike: what is wrong with a token is no business of whoever shows it. */
export class InvalidToken extends GoTalkError {
  override readonly name = "InvalidToken";

  constructor(cause?: unknown) {
    super(401, "invalid_token", "The token is not valid", "Log in to get a new token.", {
      cause,
      headers: { "www-authenticate": "Bearer" },
    });
  }
}

/** 401 of a login: the same for an unknown user and a wrong password. */
export class InvalidCredentials extends GoTalkError {
  override readonly name = "InvalidCredentials";

  constructor() {
    super(401, "invalid_credentials", "The login failed", "The username or the password is wrong.", {
      headers: { "www-authenticate": "Bearer" },
    });
  }
}

/** 403: a valid token, used for somebody else. */
export class Forbidden extends GoTalkError {
  override readonly name = "Forbidden";

  constructor(detail: string) {
    super(403, "forbidden", "Not yours", detail);
  }
}

/** 403: a browser made the request for a page of another site. */
export class CrossSite extends GoTalkError {
  override readonly name = "CrossSite";

  constructor() {
    super(
      403,
      "cross_site",
      "Not from another site",
      "A browser sent this request for a page of another site. Only goTalk's own page may call the API from a browser; programs send neither Origin nor Sec-Fetch-Site.",
    );
  }
}

/** 403: the receiver does not want the sender's messages. */
export class Blocked extends GoTalkError {
  override readonly name = "Blocked";

  constructor() {
    super(
      403,
      "blocked",
      "The receiver has blocked you",
      "Nothing was stored. The receiver does not take your messages until they unblock you.",
    );
  }
}

/** 403: nobody can register here. */
export class RegistrationClosed extends GoTalkError {
  override readonly name = "RegistrationClosed";

  constructor() {
    super(403, "registration_closed", "Registration is closed", "Nobody can register here. Ask who runs this service.");
  }
}

/** 403: the same for an unknown, a used and an expired invitation. */
export class InvalidInvite extends GoTalkError {
  override readonly name = "InvalidInvite";

  constructor() {
    super(
      403,
      "invalid_invite",
      "The invite code is not valid",
      "The inviteCode is unknown, used or expired. Ask who runs this service for another one.",
    );
  }
}

/** 404: a message for a user id that nobody has. */
export class UnknownReceiver extends GoTalkError {
  override readonly name = "UnknownReceiver";

  constructor() {
    super(
      404,
      "unknown_receiver",
      "No such receiver",
      "No user has the id in sendToId. Look it up by GET /users/{username}.",
    );
  }
}

/** 404: a username, or a user's id, that nobody has. */
export class UnknownUser extends GoTalkError {
  override readonly name = "UnknownUser";

  constructor(detail = "Nobody has registered this username.") {
    super(404, "unknown_user", "No such user", detail);
  }
}

/** 404: a path outside the API. */
export class NotFound extends GoTalkError {
  override readonly name = "NotFound";

  constructor(detail: string) {
    super(404, "not_found", "No such route", detail);
  }
}

/** 405: a path of the API with a method that it does not take. */
export class MethodNotAllowed extends GoTalkError {
  override readonly name = "MethodNotAllowed";

  constructor(allowed: readonly string[]) {
    super(405, "method_not_allowed", "Wrong method", `This route takes ${allowed.join(", ")} only.`, {
      headers: { allow: allowed.join(", ") },
    });
  }
}

/** 409: the username belongs to somebody already. */
export class UsernameTaken extends GoTalkError {
  override readonly name = "UsernameTaken";

  constructor() {
    super(
      409,
      "username_taken",
      "The username is taken",
      "Somebody has registered this username, or gave it up less than 90 days ago. Choose another one.",
    );
  }
}

/** 409: the sender used this id for a message with another content. */
export class MessageIdReused extends GoTalkError {
  override readonly name = "MessageIdReused";

  constructor() {
    super(
      409,
      "message_id_reused",
      "The messageId is used",
      "You have sent this receiver another content under this messageId. Make a new UUIDv7 for a new message.",
    );
  }
}

/** 409: the user has blocked as many as one may. */
export class TooManyBlocks extends GoTalkError {
  override readonly name = "TooManyBlocks";

  constructor(most: number) {
    super(409, "too_many_blocks", "Too many blocked users", `You may block ${most} users. Unblock one first.`);
  }
}

/** 413: more bytes than the limit. */
export class TooLarge extends GoTalkError {
  override readonly name = "TooLarge";

  constructor(what: string, limitBytes: number) {
    super(413, "too_large", "Too large", `The ${what} may have ${limitBytes} bytes at most.`);
  }
}

/** 415: neither JSON nor a form. */
export class UnsupportedMediaType extends GoTalkError {
  override readonly name = "UnsupportedMediaType";

  constructor() {
    super(
      415,
      "unsupported_media_type",
      "Unknown content type",
      "Send the body as application/json or application/x-www-form-urlencoded, in UTF-8.",
      { headers: { "accept-post": "application/json, application/x-www-form-urlencoded" } },
    );
  }
}

/** 429: logins for this username are slowed down. `retryAfter` is in seconds. */
export class TooManyAttempts extends GoTalkError {
  override readonly name = "TooManyAttempts";

  constructor(retryAfter: number) {
    super(429, "too_many_attempts", "Too many failed logins", `Try again in ${retryAfter} seconds.`, { retryAfter });
  }
}

/** 429: the sender's rate. `retryAfter` is in seconds. */
export class TooManyMessages extends GoTalkError {
  override readonly name = "TooManyMessages";

  constructor(retryAfter: number) {
    super(429, "too_many_messages", "Too many messages", `You send too fast. Try again in ${retryAfter} seconds.`, {
      retryAfter,
    });
  }
}

/** 429: the rate of a user, or of an address. `retryAfter` is in seconds. */
export class TooManyRequests extends GoTalkError {
  override readonly name = "TooManyRequests";

  constructor(retryAfter: number) {
    super(429, "too_many_requests", "Too many requests", `You ask too often. Try again in ${retryAfter} seconds.`, {
      retryAfter,
    });
  }
}

/** 429: so many messages wait for the receiver that no more are taken. `retryAfter` is in seconds. */
export class ChannelFull extends GoTalkError {
  override readonly name = "ChannelFull";

  constructor(retryAfter: number) {
    super(
      429,
      "channel_full",
      "The receiver's channel is full",
      `The receiver has to fetch messages first. Try again in ${retryAfter} seconds, with the same messageId.`,
      { retryAfter },
    );
  }
}

/**
 * 503: the database is slow, throttled or gone. Trying again is safe. What was answered 202 is kept; only a sync without
 * `ack` may have settled messages in a write whose answer did not come.
 */
export class Unavailable extends GoTalkError {
  override readonly name = "Unavailable";

  constructor(cause?: unknown) {
    super(503, "unavailable", "Not available right now", "The service is busy. Try again shortly.", {
      cause,
      retryAfter: 1,
    });
  }
}
