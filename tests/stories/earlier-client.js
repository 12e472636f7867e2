/*
 * goTalk's client library as it was before a user could have several devices: `lib/client` of commit 2688598, in one file. It
 * stands for the clients that are out there, and is not to be edited. `earlier-client.test.ts` runs it against the server of today.
 *
 * Made by `esbuild lib/client/index.ts --bundle --format=esm --platform=neutral --target=es2023 --packages=external`.
 */
// lib/contract/json.ts
var asObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
var asText = (value) => typeof value === "string" && value !== "" ? value : void 0;
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}
var withTexts = (...names) => (value) => names.every((name) => asText(asObject(value)[name]) !== void 0) ? value : void 0;

// lib/client/errors.ts
var ProblemError = class extends Error {
  name = "ProblemError";
  /** The HTTP status. */
  status;
  /** The stable code, such as `unknown_receiver`. A newer server may send codes that are not in the type. */
  code;
  /** What happened, in words for people. */
  detail;
  /** With `invalid_request`: each field and what is wrong with it. */
  fields;
  /** Names the request in the server's logs. */
  requestId;
  /** Seconds to wait before the next attempt, as the server asks. */
  retryAfter;
  /** With `message_id_time`: the server's time, RFC 3339. */
  serverTime;
  constructor(problem) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.fields = problem.fields ?? [];
    this.requestId = problem.requestId;
    this.retryAfter = problem.retryAfter;
    this.serverTime = problem.serverTime;
  }
};
var NetworkError = class extends Error {
  name = "NetworkError";
  code = "network_fault";
  /**
   * The HTTP status of the answer that is not the API's. 0 for a redirect in a browser, which hides its status.
   * Undefined when no answer came.
   */
  status;
  /** Seconds to wait before the next attempt, as that answer asks, 60 at most. */
  retryAfter;
  constructor(message, { status, retryAfter, ...options } = {}) {
    super(message, options);
    this.status = status;
    this.retryAfter = retryAfter;
  }
};

// lib/client/problem.ts
function retryAfterOf(header, now) {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? void 0 : Math.max(0, (date - now) / 1e3);
}
function fieldsOf(errors) {
  if (!Array.isArray(errors)) return [];
  return errors.map(asObject).map(({ field, detail }) => ({ field: asText(field) ?? "", detail: asText(detail) ?? "" }));
}
var mediaTypeOf = ({ headers }) => headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
var UNAUTHORIZED = /* @__PURE__ */ new Set(["invalid_token", "invalid_credentials"]);
var isRefusal = (status, code) => status >= 400 && (status !== 401 || UNAUTHORIZED.has(code));
var isOfFirewall = (status, code) => status === 429 && code === "too_many_requests";
function problemOf(response, text, now) {
  const body = asObject(parseJson(text));
  const code = asText(body["code"]);
  const requestId = asText(body["requestId"]);
  if (code === void 0 || body["status"] !== response.status || !isRefusal(response.status, code)) return void 0;
  const isOwn = mediaTypeOf(response) === "application/problem+json" && requestId !== void 0;
  if (!isOwn && !isOfFirewall(response.status, code)) return void 0;
  return new ProblemError({
    status: response.status,
    code,
    detail: asText(body["detail"]) ?? asText(body["title"]) ?? response.statusText,
    fields: fieldsOf(body["errors"]),
    requestId,
    retryAfter: retryAfterOf(response.headers.get("retry-after"), now),
    serverTime: code === "message_id_time" ? asText(body["serverTime"]) : void 0
  });
}

// lib/client/timing.ts
var LONGEST_TIMER_MS = 2 ** 31 - 1;
var realTiming = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep(milliseconds, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(milliseconds, LONGEST_TIMER_MS));
      signal?.addEventListener("abort", end);
    });
  }
};
async function withScope(outer, work) {
  const scope = new AbortController();
  const follow = () => scope.abort(outer?.reason);
  if (outer?.aborted) follow();
  outer?.addEventListener("abort", follow);
  try {
    return await work(scope);
  } finally {
    outer?.removeEventListener("abort", follow);
  }
}

// lib/client/retry.ts
var PASSING = /* @__PURE__ */ new Set([408, 429, 500, 502, 503, 504]);
var isForeign = (error) => error instanceof NetworkError && error.status !== void 0 && !PASSING.has(error.status);
var isPassing = (error) => error instanceof NetworkError || error instanceof ProblemError && PASSING.has(error.status);
var isOutage = (error) => isPassing(error) && !(error instanceof ProblemError && error.status === 429);
var isUncertain = (error) => error instanceof NetworkError || error instanceof ProblemError && error.status >= 500;
var askedDelay = (error) => error instanceof NetworkError || error instanceof ProblemError ? 1e3 * (error.retryAfter ?? 0) : 0;
var longestBackoff = (earlier, { base, max }) => Math.min(max, base * 2 ** earlier);
var backoff = (earlier, growth, timing) => timing.random() * longestBackoff(earlier, growth);
var Backoff = class {
  #options;
  #timing;
  #isWorth;
  /** @param isWorth Which failures are worth another attempt. */
  constructor(options, timing, isWorth = isPassing) {
    this.#options = options;
    this.#timing = timing;
    this.#isWorth = isWorth;
  }
  waitAfter({ error, earlier, elapsed }) {
    if (!this.#isWorth(error)) return void 0;
    const wait = { asked: askedDelay(error), backoff: backoff(earlier, this.#options, this.#timing) };
    return elapsed + wait.asked + wait.backoff > this.#options.giveUpAfter ? void 0 : wait;
  }
};
var steadily = (milliseconds, isWorth) => ({
  waitAfter: (failure) => isWorth?.(failure) === false ? void 0 : { asked: 0, backoff: milliseconds }
});
function stopwatch(timing) {
  let spent = 0;
  let last = timing.now();
  return () => {
    const now = timing.now();
    spent += Math.max(0, now - last);
    last = now;
    return spent;
  };
}
async function retrying(attempt, options) {
  const { policy, timing = realTiming, signal, onRetry, sleeper } = options;
  const elapsed = stopwatch(timing);
  for (let earlier = 0; ; earlier++) {
    try {
      return await attempt();
    } catch (error) {
      const wait = policy.waitAfter({ error, earlier, elapsed: elapsed() });
      if (wait === void 0) throw error;
      const delay = wait.asked + wait.backoff;
      onRetry?.(error, delay);
      await timing.sleep(sleeper ? wait.asked : delay, signal);
      await sleeper?.sleep(wait.backoff, signal);
    }
  }
}

// lib/client/answer.ts
var DONE = { success: 204, read: () => true };
var LONGEST_FOREIGN_WAIT = 60;
function resultOf(answer, { success, read }, what, now) {
  const { response, text } = answer;
  if (response.status !== success) throw problemOf(response, text, now) ?? foreign(answer, what, now);
  const result = isFromApi(answer, success) ? read(parseJson(text)) : void 0;
  if (result === void 0) throw foreign(answer, what, now);
  return result;
}
function isFromApi({ response, text, requestId }, success) {
  if (success !== 204) return mediaTypeOf(response) === "application/json";
  return text === "" && response.headers.get("x-request-id") === requestId;
}
function foreign({ response, text }, what, now) {
  const { status, headers } = response;
  const asked = retryAfterOf(headers.get("retry-after"), now);
  return new NetworkError(wordsFor(status, what), {
    status,
    ...asked !== void 0 && { retryAfter: Math.min(asked, LONGEST_FOREIGN_WAIT) },
    cause: new SyntaxError(`HTTP ${status} with ${text.length} characters of ${headers.get("content-type")}`)
  });
}
function wordsFor(status, what) {
  if (PASSING.has(status)) return `A gateway in front of the server answered ${what} with HTTP ${status}.`;
  return `Something between you and the server answered ${what}, not goTalk. If this network has a login page, log in there first. Otherwise check the server's address.`;
}

// lib/client/model.ts
var readUser = withTexts("id", "username");
var withList = (list, ...names) => (answer) => {
  const items = asObject(answer)[list];
  const isItem = withTexts(...names);
  return Array.isArray(items) && items.every((item) => isItem(item) !== void 0) ? items : void 0;
};
var withValue = (field, value, read) => (answer) => {
  const result = read(answer);
  return result?.[field] === value.toLowerCase() ? result : void 0;
};
var named = (username, read) => withValue("username", username, read);
var identified = (messageId, read) => withValue("messageId", messageId, read);
var readListed = withList("sessions", "sessionId", "createdAt", "expiresAt");
function readSessions(answer) {
  const sessions = readListed(answer);
  const isListed = ({ userAgent, current }) => typeof userAgent === "string" && typeof current === "boolean";
  return sessions?.every(isListed) ? sessions : void 0;
}
var hasTexts = withTexts("messageId", "senderId", "senderName", "content", "sentAt");
var isMessage = (value) => typeof hasTexts(value)?.redelivered === "boolean";
var isDuration = (value) => value === void 0 || typeof value === "number" && value >= 0;
function readBatch(answer) {
  const { messages, more, retryAfter } = asObject(answer);
  if (!Array.isArray(messages) || !messages.every(isMessage) || !isDuration(retryAfter)) return void 0;
  if (typeof more !== "boolean") return void 0;
  return withTexts("receipt")(answer);
}

// lib/client/account.ts
var SESSIONS = {
  success: 200,
  read: readSessions
};
var BLOCKS = { success: 200, read: withList("blocks", "id", "username") };
var Account = class {
  #calls;
  #session;
  constructor(calls, session) {
    this.#calls = calls;
    this.#session = session;
  }
  async changePassword({ password, newPassword, ...options }) {
    const body = { id: this.#session.id, password, newPassword };
    await this.#request({ method: "POST", path: "/password", body, ...DONE }, options, isOutage);
  }
  /** Safe to repeat: the server answers a repeat as it answered the deletion. */
  async delete(password, options) {
    const body = { id: this.#session.id, password };
    await this.#request({ method: "POST", path: "/account/delete", body, ...DONE }, options, isOutage);
  }
  sessions(options) {
    return this.#request({ method: "GET", path: "/sessions", ...SESSIONS }, options);
  }
  async endSession(sessionId, options) {
    await this.#request({ method: "DELETE", path: `/sessions/${encodeURIComponent(sessionId)}`, ...DONE }, options);
  }
  blocks(options) {
    return this.#request({ method: "GET", path: "/blocks", ...BLOCKS }, options);
  }
  async block(userId, options) {
    await this.#request({ method: "PUT", path: `/blocks/${encodeURIComponent(userId)}`, ...DONE }, options);
  }
  async unblock(userId, options) {
    await this.#request({ method: "DELETE", path: `/blocks/${encodeURIComponent(userId)}`, ...DONE }, options);
  }
  #request(call, options, isWorth = isPassing) {
    return this.#calls.send({ ...call, token: this.#session.token }, options, isWorth);
  }
};

// lib/client/exchange.ts
import { v7 } from "uuid";
var LARGEST_ANSWER = 10 * 1024 * 1024;
async function exchange(connection, request) {
  const answer = await answerTo(connection, request);
  return resultOf(answer, request, nameOf(request), connection.timing.now());
}
var nameOf = ({ method, path }) => `${method} ${path}`;
async function answerTo(connection, request) {
  const { method, path, token, body, signal, success } = request;
  const requestId = success === 204 ? v7() : void 0;
  const init = {
    method,
    headers: {
      accept: "application/json, application/problem+json",
      ...token !== void 0 && { authorization: `Bearer ${token}` },
      ...body !== void 0 && { "content-type": "application/json" },
      ...requestId !== void 0 && { "x-request-id": requestId }
    },
    ...body !== void 0 && { body: JSON.stringify(body) },
    // No route redirects. A server that does is not goTalk, and must not get the token.
    redirect: "manual",
    cache: "no-store"
  };
  return withScope(signal, async (scope) => {
    const giveUp = () => scope.abort(new DOMException("No answer in time", "TimeoutError"));
    const timer = setTimeout(giveUp, connection.timeout);
    try {
      const response = await connection.fetch(connection.url + path, { ...init, signal: scope.signal });
      return { response, text: await textOf(response), requestId };
    } catch (cause) {
      signal?.throwIfAborted();
      throw new NetworkError(`No answer to ${nameOf(request)}.`, { cause });
    } finally {
      clearTimeout(timer);
    }
  });
}
async function textOf({ body }) {
  if (body === null) return "";
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > LARGEST_ANSWER) {
      reader.cancel().catch(() => void 0);
      return "";
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

// lib/client/calls.ts
var Calls = class {
  connection;
  #retry;
  constructor(connection, retry) {
    this.connection = connection;
    this.#retry = retry;
  }
  /** Sends a request once. */
  once(call, signal) {
    return exchange(this.connection, { ...call, signal });
  }
  /**
   * Sends a request, and repeats it as long as that may help.
   *
   * @param isWorth Which failures are worth another attempt.
   */
  send(call, options, isWorth = isPassing) {
    return this.retrying(() => this.once(call, options.signal), options, isWorth);
  }
  /** Repeats an attempt as {@link send} does. */
  retrying(attempt, { signal, onRetry }, isWorth = isPassing) {
    const { timing } = this.connection;
    return retrying(attempt, {
      policy: new Backoff(this.#retry, timing, isWorth),
      timing,
      signal,
      onRetry: (error, delay) => isPassing(error) && onRetry?.(error, delay)
    });
  }
};

// lib/client/pace.ts
var GROWTH = 1.5;
var SAFETY_NET = { min: 5e3, max: 3e5 };
var Pace = class {
  #poll;
  #timing;
  #interval = 0;
  /** @param poll It may be changed at any time. */
  constructor(poll, timing) {
    this.#poll = poll;
    this.#timing = timing;
  }
  /** Begins anew with the shortest wait. */
  reset() {
    this.#interval = 0;
  }
  /**
   * @param isLive whether wakes come
   * @returns milliseconds until the next sync, which a wake may cut short; undefined: at once
   */
  waitAfter({ messages, more, retryAfter }, isLive) {
    const { min, max } = isLive ? SAFETY_NET : this.#poll;
    const hasMoved = messages.length > 0 || more;
    this.#interval = hasMoved ? min : Math.min(max, Math.max(min, this.#interval * GROWTH));
    if (more && messages.length > 0) return void 0;
    if (retryAfter !== void 0) return 1e3 * retryAfter + this.#timing.random() * min;
    return this.#interval * (0.5 + this.#timing.random() / 2);
  }
};

// lib/client/sleeper.ts
var Sleeper = class {
  #timing;
  #current;
  #isWoken = false;
  constructor(timing = realTiming) {
    this.#timing = timing;
  }
  /** Ends the sleep, or skips the next one if none is going on. */
  wake() {
    const current = this.#current;
    this.#current = void 0;
    if (current) current.abort();
    else this.#isWoken = true;
  }
  /** Lets the next sleep take place, whatever {@link wake} has said before. */
  reset() {
    this.#isWoken = false;
  }
  /** Resolves after so many milliseconds, on {@link wake}, or when the signal is aborted. Never rejects. */
  async sleep(milliseconds, signal) {
    const isWoken = this.#isWoken;
    this.#isWoken = false;
    if (isWoken) return;
    await withScope(signal, (scope) => {
      this.#current = scope;
      return this.#timing.sleep(milliseconds, scope.signal);
    });
    this.#current = void 0;
  }
};

// lib/client/wake-socket.ts
var SECOND = 1e3;
var MINUTE = 60 * SECOND;
var ANSWER_MS = 10 * SECOND;
var PING_MS = 5 * MINUTE;
var LIFETIME_MS = 110 * MINUTE;
var RECONNECT = { base: 1 * SECOND, max: 1 * MINUTE };
var GOOD_MS = 1 * MINUTE;
var WakeSocket = class {
  #host;
  /** Between two connections. */
  #sleeper;
  constructor(host) {
    this.#host = host;
    this.#sleeper = new Sleeper(host.timing);
  }
  /** Connects at once if it waits between two connections. */
  retry() {
    this.#sleeper.wake();
  }
  /** Runs until the signal is aborted, and then closes the connection. Never rejects. */
  async run(signal) {
    const { timing, onDown } = this.#host;
    for (let failures = 0; !signal.aborted; failures++) {
      const { upSince } = await this.#connect(signal);
      if (signal.aborted) return;
      onDown(upSince !== void 0);
      if (upSince !== void 0 && timing.now() - upSince >= GOOD_MS) failures = 0;
      this.#sleeper.reset();
      await this.#sleeper.sleep(backoff(failures, RECONNECT, timing), signal);
    }
  }
  /** Opens a connection. Resolves when it has ended. */
  #connect(signal) {
    const { timing } = this.#host;
    const course = { heardAt: timing.now() };
    return withScope(signal, async (scope) => {
      const socket = this.#open(course, () => scope.abort());
      if (socket === void 0) return course;
      await this.#watch(socket, course, scope.signal);
      socket.onclose = null;
      socket.onerror = null;
      socket.onmessage = null;
      socket.onopen = null;
      socket.close();
      return course;
    });
  }
  #open(course, end) {
    const { url, WebSocket: Socket, timing, proof, onUp, onWake } = this.#host;
    let socket;
    try {
      socket = new Socket(url);
    } catch {
      return;
    }
    socket.onopen = () => socket.send(JSON.stringify(proof()));
    socket.onclose = end;
    socket.onerror = end;
    socket.onmessage = ({ data }) => {
      const { type, waiting } = asObject(parseJson(String(data)));
      const isUp = course.upSince !== void 0;
      if (type === "error") end();
      if (type === "pong" || type === "wake") course.heardAt = timing.now();
      if (isUp && (type === "wake" || type === "pong" && waiting === true)) onWake();
      if (type !== "ready" || isUp) return;
      course.upSince = timing.now();
      onUp();
    };
    return socket;
  }
  /** Resolves when the connection ends, stops answering, or is old enough to be renewed. */
  async #watch(socket, course, ended) {
    const { timing } = this.#host;
    const renewAt = timing.now() + LIFETIME_MS * (1 - timing.random() / 10);
    await timing.sleep(ANSWER_MS, ended);
    if (course.upSince === void 0) return;
    while (!ended.aborted && timing.now() < renewAt) {
      await timing.sleep(PING_MS, ended);
      if (ended.aborted) return;
      const askedAt = timing.now();
      socket.send('{"type":"ping"}');
      await timing.sleep(ANSWER_MS, ended);
      if (course.heardAt < askedAt) return;
    }
  }
};
function liveUrlOf(apiUrl, told) {
  const base = apiUrl === "" ? globalThis.location?.origin : apiUrl;
  if (base === void 0) return void 0;
  const beside = `${base.replace(/^http/, "ws")}/live`;
  return told !== void 0 && isAsSafe(told, beside) ? told : beside;
}
function isAsSafe(url, other) {
  const protocol = URL.canParse(url) ? new URL(url).protocol : void 0;
  return protocol === "wss:" || protocol === "ws:" && other.startsWith("ws:");
}

// lib/client/inbox.ts
var RECENT_KEPT = 200;
var keyOf = ({ senderId, messageId }) => `${senderId}/${messageId}`;
var Inbox = class {
  /**
   * Where the receiver stands once the message in hand is processed. If it is stored in one transaction with the
   * message, the delivery is exact, even if the process dies at any moment.
   */
  state;
  /** May be changed at any time. */
  poll;
  #pace;
  #host;
  #options;
  #live;
  /** What is saved: all messages up to the one in hand. */
  #processed;
  /** Between two syncs. */
  #sleeper;
  #channel;
  #isReachable = true;
  constructor(host, options) {
    this.#host = host;
    this.#options = options;
    this.#processed = host.state;
    this.state = host.state;
    this.#sleeper = new Sleeper(host.timing);
    this.poll = { min: options.poll?.min ?? 250, max: options.poll?.max ?? 5e3 };
    this.#pace = new Pace(this.poll, host.timing);
    this.#live = host.live && this.#options.follow !== false ? this.#socketOf(host.live) : void 0;
    this.#channel = this.#live === void 0 ? "polling" : "connecting";
  }
  /** How the inbox learns of messages now. */
  get connection() {
    return this.#isReachable ? this.#channel : "offline";
  }
  /**
   * Syncs and connects at once. Call it when messages are known to wait, or when the network is back. It does not cut a
   * `Retry-After` short.
   */
  wake() {
    this.#sleeper.wake();
    this.#live?.retry();
  }
  /** @throws ProblemError when the server refuses for good, above all with 401; what `onState` throws. */
  async *[Symbol.asyncIterator]() {
    const { signal } = this.#options;
    const loop = new AbortController();
    const end = () => loop.abort();
    signal?.addEventListener("abort", end);
    if (!signal?.aborted) void this.#live?.run(loop.signal);
    try {
      yield* this.#messages();
    } finally {
      signal?.removeEventListener("abort", end);
      end();
    }
  }
  async *#messages() {
    const { signal } = this.#options;
    await this.#save(this.#processed);
    while (!signal?.aborted) {
      const batch = await this.#sync();
      if (batch === void 0) return;
      const unseen = this.#unseen(batch.messages);
      for (const [index, message] of unseen.entries()) {
        if (signal?.aborted) return;
        const receipt = index === unseen.length - 1 ? batch.receipt : this.#processed.receipt;
        this.state = { receipt, recent: [...this.#processed.recent, keyOf(message)].slice(-RECENT_KEPT) };
        yield message;
        await this.#save(this.state);
      }
      if (this.#processed.receipt !== batch.receipt) await this.#save({ ...this.#processed, receipt: batch.receipt });
      if (this.#isDone(batch)) return;
      await this.#pause(batch);
    }
  }
  #isDone({ messages, more }) {
    return this.#options.follow === false && messages.length === 0 && !more;
  }
  #unseen(messages) {
    const seen = new Set(this.#processed.recent);
    return messages.filter((message) => !seen.has(keyOf(message)) && seen.add(keyOf(message)));
  }
  async #save(state) {
    await this.#host.save(state);
    this.#processed = state;
    this.state = state;
  }
  /** The next batch; undefined once the signal is aborted. */
  #sync() {
    const { signal, onRetry } = this.#options;
    const { retry: policy, timing } = this.#host;
    return retrying(() => this.#attempt(), {
      policy,
      timing,
      onRetry: (error, delay) => isPassing(error) && onRetry?.(error, delay),
      signal,
      sleeper: this.#sleeper
    });
  }
  async #attempt() {
    const { signal } = this.#options;
    if (signal?.aborted) return void 0;
    this.#sleeper.reset();
    try {
      const batch = await this.#host.sync(this.#processed.receipt, signal);
      this.#update({ isReachable: true });
      return batch;
    } catch (error) {
      if (signal?.aborted) return void 0;
      this.#update({ isReachable: !(error instanceof NetworkError) });
      throw error;
    }
  }
  async #pause(batch) {
    const delay = this.#pace.waitAfter(batch, this.#channel === "live");
    if (delay !== void 0) await this.#sleeper.sleep(delay, this.#options.signal);
  }
  #socketOf(host) {
    return new WakeSocket({
      ...host,
      timing: this.#host.timing,
      onUp: () => this.#changeTo("live"),
      onDown: (wasUp) => this.#changeTo(wasUp ? "connecting" : "polling"),
      onWake: () => this.#sleeper.wake()
    });
  }
  /** Syncs when the WebSocket comes and when it goes: a message that came in between has woken nobody. */
  #changeTo(channel) {
    const isNews = channel === "live" !== (this.#channel === "live");
    this.#update({ channel });
    if (!isNews) return;
    this.#pace.reset();
    this.#sleeper.wake();
  }
  #update({ channel = this.#channel, isReachable = this.#isReachable }) {
    const before = this.connection;
    this.#channel = channel;
    this.#isReachable = isReachable;
    if (this.connection !== before) this.#options.onConnection?.(this.connection);
  }
};

// lib/client/login.ts
var readSession = withTexts("token", "id", "username", "receipt", "expiresAt");
var Login = class {
  #calls;
  constructor(calls) {
    this.#calls = calls;
  }
  /** See `Client.register`. */
  async register(newcomer, options) {
    const { username, password, inviteCode } = newcomer;
    const body = { username, password, inviteCode };
    const made = { success: 201, read: named(username, readUser) };
    let mayBeOurs = false;
    try {
      return await this.#calls.retrying(async () => {
        try {
          return await this.#calls.once(post("/register", body, made), options.signal);
        } catch (error) {
          mayBeOurs ||= isUncertain(error);
          throw error;
        }
      }, options);
    } catch (error) {
      const isTaken = error instanceof ProblemError && error.code === "username_taken";
      const owner = isTaken && mayBeOurs ? await this.#owner({ username, password }, options) : void 0;
      if (owner === void 0) throw error;
      return owner;
    }
  }
  /** A 429 is not waited for. */
  begin(body, options) {
    const begun = { success: 200, read: named(body.username, readSession) };
    return this.#calls.send(post("/login", body, begun), options, isOutage);
  }
  /** Also succeeds when the session has ended already. */
  async end({ token, id }, options) {
    try {
      await this.#calls.send({ ...post("/logout", { id }, DONE), token }, options);
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
    }
  }
  /** The user with these credentials; undefined when they are wrong. */
  async #owner(credentials, options) {
    try {
      const session = await this.begin(credentials, options);
      await this.end(session, options).catch(() => void 0);
      return { id: session.id, username: session.username };
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) return void 0;
      throw error;
    }
  }
};
var post = (path, body, success) => ({
  method: "POST",
  path,
  body,
  ...success
});

// lib/client/message-ids.ts
import { v7 as v72 } from "uuid";

// lib/contract/uuid-time.ts
var timeOf = (uuid) => Number.parseInt(uuid.replace("-", "").slice(0, 12), 16);

// lib/client/message-ids.ts
var SECOND2 = 1e3;
var MINUTE2 = 60 * SECOND2;
var TOLERANCE_MS = 1 * MINUTE2;
var AHEAD_MS = 8 * MINUTE2;
var REFUSED_AHEAD_MS = 11 * MINUTE2;
var DATE_RESOLUTION_MS = 1 * SECOND2;
var MessageIds = class {
  #timing;
  /** Milliseconds from this machine's time to the server's. */
  #offset = 0;
  /** The time in the last id. */
  #last = Number.NEGATIVE_INFINITY;
  constructor(timing = realTiming) {
    this.#timing = timing;
  }
  /**
   * Makes a UUIDv7. It sorts after all earlier ids, unless these lie in the future: then the clock was ahead of the
   * server's and has been corrected since.
   */
  next() {
    const now = this.#timing.now() + this.#offset;
    const isInReach = this.#last < now + AHEAD_MS;
    this.#last = isInReach ? Math.max(now, this.#last + 1) : now;
    return v72({ msecs: this.#last });
  }
  /**
   * Compares the clocks by an answer of the server.
   *
   * @param date Its `Date` header.
   * @param askedAt When the request began, by this machine's clock in milliseconds since the epoch.
   */
  observe(date, askedAt) {
    const answeredAt = this.#timing.now();
    const earliest = Date.parse(date ?? "");
    if (Number.isNaN(earliest) || answeredAt < askedAt) return;
    const least = earliest - answeredAt;
    const most = earliest + DATE_RESOLUTION_MS - askedAt;
    if (this.#offset < least - TOLERANCE_MS || this.#offset > most + TOLERANCE_MS) {
      this.#offset = Math.round((least + most) / 2);
    }
  }
  /**
   * Sets the clock after the server has refused an id and told its time.
   *
   * @param serverTime RFC 3339.
   */
  correct(serverTime) {
    const time = Date.parse(serverTime);
    if (!Number.isNaN(time)) this.#offset = time - this.#timing.now();
  }
};
var wasNeverStored = (messageId, serverTime) => timeOf(messageId) - Date.parse(serverTime) > REFUSED_AHEAD_MS;

// lib/client/sent-id.ts
var SentId = class {
  current;
  #messageIds;
  #onNewId;
  #mayRenew;
  #mayHaveArrived = false;
  /**
   * @param given The caller's own id. It may have been tried before, unless there is an `onNewId`.
   * @param onNewId Called, and waited for, before a new id is used.
   */
  constructor(messageIds, given, onNewId) {
    this.current = given ?? messageIds.next();
    this.#messageIds = messageIds;
    this.#onNewId = onNewId;
    this.#mayRenew = given === void 0 || onNewId !== void 0;
  }
  /**
   * Makes a new id after a failed attempt, if the server has refused the time in the id and nothing can have been
   * stored under it.
   *
   * @returns whether there is a new id to be tried
   */
  async renew(error) {
    this.#mayHaveArrived ||= isUncertain(error);
    const serverTime = error instanceof ProblemError ? error.serverTime : void 0;
    if (serverTime === void 0) return false;
    this.#messageIds.correct(serverTime);
    if (!this.#mayRenew) return false;
    if (this.#mayHaveArrived && !wasNeverStored(this.current, serverTime)) return false;
    this.#mayRenew = false;
    this.current = this.#messageIds.next();
    await this.#onNewId?.(this.current);
    return true;
  }
};

// lib/client/client.ts
var DEFAULT_RETRY = { base: 200, max: 1e4, giveUpAfter: 3e4 };
var DEFAULT_TIMEOUT_MS = 15e3;
var readSent = withTexts("messageId", "sentAt", "status");
var BATCH = { success: 200, read: readBatch };
var proofOf = ({ token, id }) => ({ token, id });
var ownIds = /* @__PURE__ */ new MessageIds();
var newMessageId = () => ownIds.next();
var Client = class {
  /** The session of the user who is logged in: a plain JSON value. */
  session;
  #calls;
  #login;
  #retry;
  #messageIds;
  #live;
  #WebSocket;
  /** Where the last `receive` of this user stopped. */
  #inbox;
  constructor(options) {
    this.session = options.session;
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    const timing = options.timing ?? realTiming;
    this.#messageIds = options.messageIds ?? new MessageIds(timing);
    const connection = {
      url: options.url.replace(/\/+$/, ""),
      // Browsers refuse a fetch that is called as a method of anything but the window.
      fetch: withClock(options.fetch ?? ((input, init) => globalThis.fetch(input, init)), this.#messageIds, timing),
      timing,
      timeout: options.timeout ?? DEFAULT_TIMEOUT_MS
    };
    this.#calls = new Calls(connection, this.#retry);
    this.#login = new Login(this.#calls);
    this.#live = options.live;
    this.#WebSocket = options.WebSocket ?? globalThis.WebSocket;
  }
  /**
   * Makes a user. Safe to repeat: if the name is taken after an attempt without an answer, the password tells whether
   * that attempt took it.
   *
   * @throws ProblemError `username_taken` (409), `registration_closed` or `invalid_invite` (403)
   * @example
   * ```ts
   * const { id } = await client.register({ username: "bob", password: "battery-staple" });
   * ```
   */
  async register(newcomer, options = {}) {
    return this.#login.register(newcomer, options);
  }
  /**
   * Starts a session, and keeps it in {@link Client.session}. A 429 is thrown at once, so that people can be told.
   *
   * @throws ProblemError `invalid_credentials` (401), `too_many_attempts` (429)
   * @example
   * ```ts
   * const session = await client.login({ username: "bob", password: "battery-staple" });
   * localStorage.setItem("session", JSON.stringify(session));
   * ```
   */
  async login(request, options = {}) {
    const { username, password, earlierToken = this.#tokenOf(username) } = request;
    this.session = await this.#login.begin({ username, password, earlierToken }, options);
    return this.session;
  }
  /**
   * Ends the session. Also succeeds when it has ended already.
   *
   * @example
   * ```ts
   * await client.logout({ signal: AbortSignal.timeout(3_000) });
   * ```
   */
  async logout(options = {}) {
    const session = this.#loggedIn();
    await this.#login.end(session, options);
    if (this.session === session) this.session = void 0;
  }
  /**
   * Changes the password, and ends all other sessions. A 429 is thrown at once, as by {@link Client.login}.
   *
   * @throws ProblemError `invalid_credentials` (401): the current password is wrong
   * @example
   * ```ts
   * await client.changePassword({ password: "battery-staple", newPassword: "correct horse" });
   * ```
   */
  async changePassword(change) {
    return this.#account.changePassword(change);
  }
  /**
   * Deletes the account for good, with all its sessions. From then on nobody can send to it, its waiting messages are
   * never delivered, and nobody can register its name for 90 days. A 429 is thrown at once, as by {@link Client.login}.
   *
   * @throws ProblemError `invalid_credentials` (401): the password is wrong
   * @example
   * ```ts
   * await client.deleteAccount("battery-staple");
   * ```
   */
  async deleteAccount(password, options = {}) {
    const session = this.#loggedIn();
    await this.#account.delete(password, options);
    if (this.session === session) this.session = void 0;
  }
  /**
   * Lists the user's own sessions that are still valid, newest first.
   *
   * @example
   * ```ts
   * for (const { sessionId, userAgent, current } of await client.sessions()) {
   *   console.log(sessionId, userAgent, current ? "this device" : "");
   * }
   * ```
   */
  async sessions(options = {}) {
    return this.#account.sessions(options);
  }
  /**
   * Ends one of the user's own sessions, which may be this one. Also succeeds when it has ended already.
   *
   * @example
   * ```ts
   * const others = (await client.sessions()).filter(({ current }) => !current);
   * for (const { sessionId } of others) await client.endSession(sessionId);
   * ```
   */
  async endSession(sessionId, options = {}) {
    return this.#account.endSession(sessionId, options);
  }
  /**
   * Lists the users that this user has blocked, by the names that they had then.
   *
   * @example
   * ```ts
   * const names = (await client.blocks()).map(({ username }) => username);
   * ```
   */
  async blocks(options = {}) {
    return this.#account.blocks(options);
  }
  /**
   * Blocks a user: the server refuses their messages from now on, and tells them so. Also succeeds when the user is
   * blocked already.
   *
   * @throws ProblemError `unknown_user` (404), `too_many_blocks` (409)
   * @example
   * ```ts
   * const { id } = await client.find("mallory");
   * await client.block(id);
   * ```
   */
  async block(userId, options = {}) {
    return this.#account.block(userId, options);
  }
  /**
   * Unblocks a user. Also succeeds when the user is not blocked.
   *
   * @example
   * ```ts
   * for (const { id } of await client.blocks()) await client.unblock(id);
   * ```
   */
  async unblock(userId, options = {}) {
    return this.#account.unblock(userId, options);
  }
  /**
   * Finds a user by name.
   *
   * @throws ProblemError `unknown_user` (404)
   * @example
   * ```ts
   * const { id, username } = await client.find("Alice");
   * ```
   */
  async find(username, options = {}) {
    const { token } = this.#loggedIn();
    if (/^\.{0,2}$/.test(username)) {
      throw new ProblemError({ status: 404, code: "unknown_user", detail: "Nobody has this username." });
    }
    const path = `/users/${encodeURIComponent(username)}`;
    return this.#calls.send({ method: "GET", path, token, success: 200, read: named(username, readUser) }, options);
  }
  /**
   * Makes a new message's id: a UUIDv7 by the server's time, as far as an answer has told it. Make it before the first
   * attempt, and store it with the message if the message must outlive this process.
   *
   * @example
   * ```ts
   * const { id: to } = await client.find("alice");
   * const messageId = client.newMessageId();
   * await client.send({ to, content: "Hello, Alice!", messageId });
   * await client.send({ to, content: "Hello, Alice!", messageId }); // arrives once all the same
   * ```
   */
  newMessageId() {
    return this.#messageIds.next();
  }
  /**
   * Sends a message. Every attempt bears the same `messageId`, the idempotency key: the message arrives once, however
   * many answers are lost. After a failure that is not final it may have arrived. Then send it again with its
   * `messageId`, see {@link newMessageId}.
   *
   * If the server refuses the time in the id, it has stored nothing, and the client sends the message under a new id.
   * It does not if an earlier attempt under the id may have arrived, or if the id is your own and there is no
   * `onNewId`.
   *
   * @returns `sentAt` is the time of this answer. If you repeat a message that was answered before, keep the first
   * time.
   * @throws ProblemError `message_id_time` (400): the server refuses the time in the id. If the message was tried
   * before, nobody knows whether it has arrived
   * @throws ProblemError `unknown_receiver` (404), `blocked` (403), `too_large` (413)
   * @example
   * ```ts
   * const { id } = await client.find("alice");
   * const { sentAt } = await client.send({ to: id, content: "Hello, Alice!" });
   * ```
   */
  async send({ to, content, messageId, onNewId, ...options }) {
    const { token, id } = this.#loggedIn();
    const sentId = new SentId(this.#messageIds, messageId, onNewId);
    const attempt = () => {
      const { current } = sentId;
      const body = { id, sendToId: to, content, messageId: current };
      const stored = { success: 202, read: identified(current, readSent) };
      return this.#calls.once({ method: "POST", path: "/send", token, body, ...stored }, options.signal);
    };
    return this.#calls.retrying(async () => {
      try {
        return await attempt();
      } catch (error) {
        if (await sentId.renew(error)) return attempt();
        throw error;
      }
    }, options);
  }
  /**
   * Syncs once, and does not repeat a failed attempt. Without `ack` the server settles the messages at once: they are
   * lost if its answer is. Most programs use {@link Client.receive}.
   *
   * @example
   * ```ts
   * const { messages, receipt } = await client.sync();
   * for (const { senderName, content } of messages) console.log(`${senderName}: ${content}`);
   * await client.sync({ ack: receipt });
   * ```
   */
  async sync({ ack, limit, signal } = {}) {
    const { token, id } = this.#loggedIn();
    return this.#calls.once({ method: "POST", path: "/sync", token, body: { id, ack, limit }, ...BATCH }, signal);
  }
  /**
   * Receives the messages of the user who is logged in, see {@link Inbox}. A WebSocket wakes it where there is one;
   * otherwise it polls. What is delivered does not depend on that. Failed syncs are repeated without an end. Run one
   * loop at a time for a user: a second one with the same state would get the same messages.
   *
   * When the loop ends it closes the WebSocket. Node's own WebSocket waits for the server's answer to that, without a
   * limit: if the server is out of reach, the process lives on until `process.exit()`, unless the client was made with
   * `live: false`.
   *
   * @example
   * ```ts
   * for await (const { senderName, content } of client.receive()) {
   *   console.log(`${senderName}: ${content}`); // acknowledged when the loop asks for the next message
   * }
   * ```
   * @example Over restarts of the process:
   * ```ts
   * const saved = localStorage.getItem("inbox");
   * const inbox = client.receive({
   *   ...(saved !== null && { state: JSON.parse(saved) as InboxState }),
   *   onState: (state) => localStorage.setItem("inbox", JSON.stringify(state)),
   * });
   * for await (const message of inbox) console.log(message.content);
   * ```
   */
  receive(options = {}) {
    const session = this.#loggedIn();
    const { id, receipt } = session;
    const { timing } = this.#calls.connection;
    const known = this.#inbox?.id === id ? this.#inbox.state : void 0;
    const retry = options.follow === false ? this.#retry : { ...this.#retry, giveUpAfter: Number.POSITIVE_INFINITY };
    return new Inbox(
      {
        timing,
        retry: new Backoff(retry, timing),
        live: this.#liveOf(session),
        state: options.state ?? known ?? { receipt, recent: [] },
        sync: (ack, signal) => this.sync({ ack, limit: options.limit, signal }),
        save: async (state) => {
          await options.onState?.(state);
          this.#inbox = { id, state };
        }
      },
      options
    );
  }
  #liveOf(session) {
    const url = this.#live ?? liveUrlOf(this.#calls.connection.url, session.live);
    const Socket = this.#WebSocket;
    return url && Socket ? { url, WebSocket: Socket, proof: () => proofOf(this.session ?? session) } : void 0;
  }
  get #account() {
    return new Account(this.#calls, this.#loggedIn());
  }
  /** Usernames ignore case. */
  #tokenOf(username) {
    return this.session?.username === username.toLowerCase() ? this.session.token : void 0;
  }
  #loggedIn() {
    if (this.session !== void 0) return this.session;
    throw new ProblemError({ status: 401, code: "not_logged_in", detail: "Log in first." });
  }
};
var withClock = (ask, messageIds, timing) => async (input, init) => {
  const askedAt = timing.now();
  const response = await ask(input, init);
  if (response.headers.has("x-request-id")) messageIds.observe(response.headers.get("date"), askedAt);
  return response;
};
export {
  Client,
  MessageIds,
  NetworkError,
  ProblemError,
  Sleeper,
  askedDelay,
  backoff,
  isForeign,
  isPassing,
  isUncertain,
  longestBackoff,
  newMessageId,
  realTiming,
  retrying,
  steadily,
  wasNeverStored
};
