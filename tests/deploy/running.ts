import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/lambda-service.ts";
import { startManagement } from "../support/management.ts";
import { plant, plantFieldsOf } from "../support/suite-output.ts";
import { type RunningFunction, startFunction } from "./lambda.ts";
import { install, type Json, type Packaged } from "./packaged.ts";
import { grantsOf, isGranted } from "./permissions.ts";
import { httpEvent, liveEvent } from "./recorded.ts";
import { type Recorder, startRecorder } from "./recorder.ts";

const ORIGIN_SECRET = "what-the-deployment-made-of-32-random-bytes";
const PROOF = { "x-gotalk-origin": ORIGIN_SECRET };
/** As CloudFormation makes it of the distribution's domain and one's own. */
const OWN_HOSTS = "d111111abcdef8.cloudfront.net chat.example.org";
/** As CloudFormation makes it of the bucket's name. */
const FILES_URL = "https://gotalk-dev-files-123456789012-eu-central-1.s3.eu-central-1.amazonaws.com";
const PASSWORD = "correct horse battery staple";

/** Lambda's levels of application logs, the most detailed first. */
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/**
 * What Lambda takes a line for that is printed with the JSON log format: its `level`, with a time of RFC 3339; or INFO.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
function levelOf(line: string): string {
  if (!line.startsWith("{")) return "INFO";
  const { level, timestamp } = JSON.parse(line) as { level?: string; timestamp?: string };
  const isDated = timestamp !== undefined && !Number.isNaN(Date.parse(timestamp));
  return level !== undefined && LEVELS.includes(level) && isDated ? level : "INFO";
}

/** The packages themselves, started as Lambda starts them, with the environment that the template gives them. */
export function runningTests(packaged: () => Packaged, names: readonly string[]): void {
  describe("the packages, started by Lambda's runtime API", () => {
    const running = new Map<string, RunningFunction>();
    const recorders = new Map<string, Recorder>();
    let engine: TestEngine;
    let management: Awaited<ReturnType<typeof startManagement>>;
    let aws: AwsStandIn;

    beforeAll(async () => {
      plant("key", ORIGIN_SECRET);
      engine = await startEngine();
      management = await startManagement();
      aws = await startAwsStandIn();
      for (const name of names) {
        const recorder = await startRecorder(engine.endpoint);
        recorders.set(name, recorder);
        const started = startFunction({
          folder: install(packaged(), name),
          handler: packaged().functions[name].Handler,
          environment: { ...declared(name), ...ofLambda(name), AWS_ENDPOINT_URL_DYNAMODB: recorder.endpoint },
        });
        running.set(name, await started);
      }
    });
    afterAll(async () => {
      for (const started of running.values()) await started.stop();
      for (const recorder of recorders.values()) recorder.stop();
      await management?.close();
      await aws?.close();
      await engine?.stop();
    });

    /** What Lambda itself puts in. */
    const ofLambda = (name: string): Record<string, string> => ({
      AWS_LAMBDA_LOG_FORMAT: packaged().functions[name].LoggingConfig.LogFormat,
      AWS_LAMBDA_LOG_LEVEL: packaged().functions[name].LoggingConfig.ApplicationLogLevel,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_SESSION_TOKEN: "a session of the role",
      AWS_LAMBDA_FUNCTION_NAME: packaged().functions[name].FunctionName,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(packaged().functions[name].MemorySize),
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      TZ: ":UTC",
    });

    /** The environment of the template, with what CloudFormation puts in for its references; and anybody may register. */
    function declared(name: string): Record<string, string> {
      const variables: Json = packaged().functions[name].Environment?.Variables ?? {};
      const ofPush = {
        PUSH_URL: `${aws.url}/push`,
        SCHEDULES_URL: aws.url,
        SCHEDULES_GROUP: "group",
        SCHEDULES_ROLE: "arn",
      };
      const putIn: Json = {
        REGISTRATION: "open",
        LIVE_ENDPOINT: management.endpoint,
        ORIGIN_SECRET,
        OWN_HOSTS,
        FILES_URL,
        ...ofPush,
      };
      const nameOf = (value: Json): string => packaged().template.Resources[value.Ref]?.Properties.TableName ?? value;
      return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, putIn[key] ?? nameOf(value)]));
    }

    async function call(name: string, event: object): Promise<{ status: number; body?: Json }> {
      const result = await running.get(name)?.invoke(event);
      const { statusCode, body } = result as { statusCode: number; body?: string };
      return { status: statusCode, ...(body && { body: JSON.parse(body) }) };
    }
    function post(name: string, path: string, form: Record<string, string>, options = {}) {
      plantFieldsOf(new URLSearchParams(form));
      return call(name, httpEvent(`POST ${path}`, path, { form, headers: PROOF, ...options }));
    }

    async function newcomer(username: string) {
      const registered = await post("accounts", "/register", { username, password: PASSWORD });
      expect(registered).toMatchObject({ status: 201, body: { username } });
      const { status, body } = await post("accounts", "/login", { username, password: PASSWORD });
      expect(status).toBe(200);
      plant("token", body.token);
      return body as { token: string; id: string; receipt: string };
    }

    it("take a form in base64 through a whole conversation, and a WebSocket connection beside it", async () => {
      const [alice, bob] = [await newcomer("alice"), await newcomer("bob")];
      management.fates.set("bobs-connection=", "there");

      expect(await call("live", liveEvent("CONNECT", "bobs-connection="))).toMatchObject({ status: 200 });
      const proof = JSON.stringify({ token: bob.token, id: bob.id });
      expect(await call("live", liveEvent("MESSAGE", "bobs-connection=", proof))).toEqual({
        status: 200,
        body: { type: "ready" },
      });

      const content = "Grüße & 100% 👋 = +";
      const sent = await post("send", "/send", { token: alice.token, id: alice.id, sendToId: bob.id, content });
      expect(sent).toMatchObject({ status: 202, body: { status: "received" } });
      expect(management.take()).toEqual([
        { method: "POST", connectionId: "bobs-connection=", body: JSON.stringify({ type: "wake" }) },
      ]);

      const synced = await post("sync", "/sync", { token: bob.token, id: bob.id, ack: bob.receipt });
      expect(synced).toMatchObject({ status: 200, body: { messages: [{ content, senderName: "alice" }] } });
      const next = await post("sync", "/sync", { token: bob.token, id: bob.id, ack: synced.body.receipt });
      expect(next).toMatchObject({ status: 200, body: { messages: [] } });

      expect(await call("live", liveEvent("DISCONNECT", "bobs-connection="))).toMatchObject({ status: 200 });
      expect(await call("fallback", httpEvent("$default", "/nowhere"))).toMatchObject({
        status: 404,
        body: { code: "not_found" },
      });
    });

    it("take every route of an account, until it is deleted", async () => {
      const [erin, frank] = [await newcomer("erin"), await newcomer("frank")];
      const headers = { ...PROOF, authorization: `Bearer ${erin.token}` };
      const ask = (routeKey: string, parameters: Record<string, string> = {}) => {
        const path = routeKey.replace(/^\w+ /, "").replaceAll(/\{(\w+)\}/g, (_, key: string) => parameters[key] ?? "");
        return call("accounts", { ...httpEvent(routeKey, path, { headers }), pathParameters: parameters });
      };
      expect(await ask("GET /users/{username}", { username: "frank" })).toMatchObject({ body: { id: frank.id } });
      expect(await ask("PUT /blocks/{userId}", { userId: frank.id })).toEqual({ status: 204 });
      expect(await ask("GET /blocks")).toMatchObject({ body: { blocks: [{ id: frank.id }] } });
      expect(await post("send", "/send", { ...frank, sendToId: erin.id, content: "?" })).toMatchObject({ status: 403 });
      expect(await ask("DELETE /blocks/{userId}", { userId: frank.id })).toEqual({ status: 204 });

      const own = { token: erin.token, id: erin.id };
      const made = await post("accounts", "/groups", { ...own, name: "A group", members: frank.id });
      expect(made).toMatchObject({ status: 201, body: { name: "A group" } });
      const { groupId } = made.body;
      const toGroup = { ...own, sendToId: groupId, content: "Hello, both" };
      expect(await post("send", "/send", toGroup)).toMatchObject({ status: 202 });
      const received = await post("sync", "/sync", { token: frank.token, id: frank.id });
      expect(received.body.messages).toMatchObject([{ type: "group" }, { toId: groupId, content: "Hello, both" }]);
      expect(await ask("GET /groups")).toMatchObject({ body: { groups: [{ groupId }] } });
      expect(await ask("GET /groups/{groupId}", { groupId })).toMatchObject({ body: { version: 1 } });
      const member = { groupId, userId: frank.id };
      expect(await ask("DELETE /groups/{groupId}/members/{userId}", member)).toEqual({ status: 204 });
      expect(await ask("PUT /groups/{groupId}/members/{userId}", member)).toMatchObject({ body: { version: 3 } });
      const { code } = (await ask("POST /groups/{groupId}/invite", { groupId })).body;
      expect(await post("accounts", "/groups/join", { ...own, code })).toMatchObject({ status: 200 });

      await post("accounts", "/login", { username: "erin", password: PASSWORD });
      const { body } = await ask("GET /sessions");
      const other = body.sessions.find(({ current }: Json) => !current);
      expect(await ask("DELETE /sessions/{sessionId}", other)).toEqual({ status: 204 });
      const newPassword = `${PASSWORD} again`;
      expect(await post("accounts", "/password", { ...own, password: PASSWORD, newPassword })).toEqual({ status: 204 });
      expect(await post("accounts", "/account/delete", { ...own, password: newPassword })).toEqual({ status: 204 });
      const gone = { ...frank, sendToId: erin.id, content: "?" };
      expect(await post("send", "/send", gone)).toMatchObject({ status: 404 });
      expect(await post("accounts", "/logout", { token: frank.token, id: frank.id })).toEqual({ status: 204 });
    });

    it("presign an upload and a download of the bucket, in the name of the function's role", async () => {
      const { token } = await newcomer("gina");
      const sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
      const upload = await post("files", "/files", { token, bytes: "16", sha256 });
      expect(upload).toMatchObject({ status: 201, body: { headers: { "x-amz-checksum-sha256": sha256 } } });
      const { fileId, url } = upload.body;
      const path = `/files/${fileId}`;
      const event = httpEvent("GET /files/{fileId}", path, { headers: { ...PROOF, authorization: `Bearer ${token}` } });
      const download = await call("files", { ...event, pathParameters: { fileId } });
      for (const presigned of [url, download.body.url]) {
        const { origin, pathname, searchParams } = new URL(presigned);
        expect(origin + pathname).toBe(`${FILES_URL}/${fileId}`);
        expect(searchParams.get("X-Amz-Credential")).toMatch(/^test\/\d{8}\/eu-central-1\/s3\/aws4_request$/);
        expect(searchParams.get("X-Amz-Security-Token")).toBe("a session of the role");
      }
    });

    it("tell a device by push: send hands over, push pushes, and takes the mark off a device that has no subscription", async () => {
      const [ines, hugo] = [await newcomer("ines"), await newcomer("hugo")];
      const login = { username: "hugo", password: PASSWORD, deviceName: "Phone" };
      const { body: phone } = await post("accounts", "/login", login);
      plant("token", phone.token);
      const ask = (method: string, form: Record<string, unknown> = {}) =>
        call("push", {
          ...httpEvent(`${method} /push`, "/push", {
            headers: { ...PROOF, authorization: `Bearer ${phone.token}`, "content-type": "application/json" },
          }),
          body: JSON.stringify(form),
          isBase64Encoded: false,
        });
      expect(await ask("GET")).toMatchObject({ status: 200, body: { publicKey: expect.stringMatching(/^B/) } });
      // An address, so that nobody is asked for it.
      const keys = {
        p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth: "BTBZMqHH6r4Tts7J_aSIgg",
      };
      const subscription = { endpoint: "https://8.8.8.8/p", keys, muted: [ines.id] };
      expect(await ask("PUT", subscription)).toEqual({ status: 204 });
      const toHugo = { token: ines.token, id: ines.id, sendToId: hugo.id, content: "Hello" };
      expect(await post("send", "/send", toHugo)).toMatchObject({ status: 202 });
      await aws.until(1);
      const [handedOver] = aws.requests;
      expect(handedOver?.headers).toMatchObject({ "x-amz-invocation-type": "Event" });
      expect(handedOver?.body).toMatchObject({ push: { targets: [{ userId: hugo.id, deviceId: phone.deviceId }] } });
      // It is muted.
      expect(await call("push", handedOver?.body as object)).toEqual({ status: 204 });
      expect(await ask("DELETE")).toEqual({ status: 204 });
      expect(await call("push", handedOver?.body as object)).toEqual({ status: 204 });
      expect(aws.requests).toHaveLength(1);
    });

    it.each([
      ["send", "/send"],
      ["sync", "/sync"],
      ["accounts", "/register"],
    ])("%s takes nothing of another site, and all of its own", async (name, path) => {
      const ask = (headers: Record<string, string>) =>
        call(name, httpEvent(`POST ${path}`, path, { form: {}, headers }));
      const foreign = { status: 403, body: { code: "cross_site" } };
      const site = (value: string) => ({ "sec-fetch-site": value });
      expect(await ask({ origin: "https://evil.example", ...site("cross-site") })).toMatchObject(foreign);
      expect(await ask({ origin: "https://d222222abcdef8.cloudfront.net" })).toMatchObject(foreign);
      expect(await ask({ origin: "null" })).toMatchObject(foreign);
      expect(await ask({ origin: "", ...site("cross-site") })).toMatchObject(foreign);
      const own = { status: 400, body: { code: "invalid_request" } };
      expect(await ask({ ...site("same-origin") })).toMatchObject(own);
      expect(await ask({ origin: "https://chat.example.org", ...site("same-origin") })).toMatchObject(own);
      expect(await ask({ origin: "" })).toMatchObject(own);
    });

    it("let no page of another site open a WebSocket", async () => {
      const open = (headers: Record<string, string>) =>
        call("live", { ...liveEvent("CONNECT", "a-connection="), headers });
      const host = "f6g7h8i9j0.execute-api.eu-central-1.amazonaws.com";
      expect(await open({ Host: host, Origin: "https://evil.example" })).toEqual({ status: 403 });
      expect(await open({ Host: host, Origin: "null" })).toEqual({ status: 403 });
      expect(await open({ Host: host, "Sec-Fetch-Site": "cross-site" })).toEqual({ status: 403 });
      expect(await open({ Host: host, Origin: "https://d111111abcdef8.cloudfront.net" })).toEqual({ status: 200 });
      // As some programs have it: of the host that they ask.
      expect(await open({ Host: host, Origin: `http://${host}` })).toEqual({ status: 200 });
      expect(await open({ Host: host })).toEqual({ status: 200 });
    });

    it("throttle logins by the client that CloudFront names, not by CloudFront", async () => {
      await newcomer("carol");
      const guess = (client: string, headers: object = PROOF) =>
        post("accounts", "/login", { username: "carol", password: "not the password" }, { client, headers });
      for (let failure = 0; failure < 10; failure++) expect(await guess("203.0.113.66")).toMatchObject({ status: 401 });
      expect(await guess("203.0.113.66")).toMatchObject({ status: 429 });
      // What a client puts before CloudFront's entry makes it no other.
      expect(await guess("192.0.2.1, 203.0.113.66")).toMatchObject({ status: 429 });
      expect(await guess("203.0.113.67")).toMatchObject({ status: 401 });
    });

    it("believe nobody who does not come through CloudFront", async () => {
      await newcomer("dave");
      const guess = (client: string) =>
        post("accounts", "/login", { username: "dave", password: "not the password" }, { client, headers: {} });
      for (let failure = 0; failure < 10; failure++) {
        expect(await guess(`203.0.113.${failure}`)).toMatchObject({ status: 401 });
      }
      expect(await guess("203.0.113.99")).toMatchObject({ status: 429 });
    });

    it.each(names)("%s asked nothing of DynamoDB that its role does not grant", (name) => {
      const tables = { "gotalk-dev-accounts": "AccountsTable", "gotalk-dev-channels": "ChannelsTable" };
      const grants = grantsOf(packaged(), name);
      const asked = [...(recorders.get(name)?.asked ?? [])];
      const refused = asked.filter((entry) => {
        const [operation, table = "", owner] = entry.split(" ");
        return !isGranted(grants, `dynamodb:${operation}`, tables[table as keyof typeof tables], owner);
      });
      expect(refused).toEqual([]);
      if (name !== "fallback") expect(asked).not.toEqual([]);
    });

    it("count what they do in lines that the log level lets through, and print nothing else that it would not", async () => {
      // An event that is not of API Gateway is worth a warning.
      await call("live", {});
      const printed = names.map((name) => [name, linesOf(name)] as const);
      for (const [name, lines] of printed) {
        const level = LEVELS.indexOf(packaged().functions[name].LoggingConfig.ApplicationLogLevel);
        expect(level, name).toBeGreaterThanOrEqual(0);
        for (const line of lines) {
          expect(LEVELS.indexOf(levelOf(line)), line).toBeGreaterThanOrEqual(level);
          // Each line costs something. What tells of no fault has to be a metric.
          if (levelOf(line) === "INFO") expect(JSON.parse(line)).toHaveProperty("_aws.CloudWatchMetrics");
        }
      }
      const all = printed.flatMap(([, lines]) => lines);
      expect(all.filter((line) => line.includes('"MessagesReceived"'))).not.toEqual([]);
      expect(all.filter((line) => levelOf(line) === "WARN")).not.toEqual([]);
    });

    const linesOf = (name: string): string[] => (running.get(name)?.output() ?? "").split("\n").filter(Boolean);

    it.each(names)("%s printed neither password, token, content nor the secret", (name) => {
      const output = running.get(name)?.output() ?? "";
      for (const secret of [PASSWORD, "not the password", ORIGIN_SECRET, "Grüße", "eyJ"])
        expect(output).not.toContain(secret);
    });
  });
}
