import { expect, test } from "vitest";
import { newcomer } from "../support/people.ts";
import { start } from "./stacks.ts";

/** Where nothing listens. */
const NOWHERE = "http://127.0.0.1:9";

/** What people have set for other programs; all at once, as a stack takes a while to start. */
const SHELL: NodeJS.ProcessEnv = {
  // An expired login to AWS, and a profile that does not exist, which goes before it.
  ...{ AWS_ACCESS_KEY_ID: "ASIA", AWS_SECRET_ACCESS_KEY: "old", AWS_SESSION_TOKEN: "expired", AWS_PROFILE: "nobody" },
  ...{ AWS_REGION: "eu-west-3", AWS_ENDPOINT_URL: NOWHERE },
  ...{ HTTP_PROXY: NOWHERE, HTTPS_PROXY: NOWHERE, http_proxy: NOWHERE, https_proxy: NOWHERE, NO_PROXY: "" },
  ...{
    NODE_ENV: "production",
    CI: "true",
    FORCE_COLOR: "3",
    LANG: "tr_TR.UTF-8",
    LC_ALL: "tr_TR.UTF-8",
    TZ: "Asia/Kolkata",
  },
};

test("a stack works in a shell that is set up for AWS, a proxy and production", async () => {
  const stack = await start({ env: SHELL });
  const { id, client, session } = await newcomer(stack.url);
  await client.send({ to: id, content: "hello" });
  expect(await client.sync({ ack: session.receipt })).toMatchObject({ messages: [{ content: "hello" }] });
  expect((await fetch(stack.url)).status).toBe(200);
});
