import { expect, it } from "vitest";
import { readConfig } from "../../../lib/services/config.ts";
import { startFoundation } from "../../../lib/services/foundation.ts";
import { liveServices } from "../../../lib/services/live-services.ts";
import { sendServices } from "../../../lib/services/send-services.ts";

const foundation = await startFoundation(
  readConfig({ CHANNELS_TABLE: "channels", ACCOUNTS_TABLE: "accounts", TOKEN_KEY: "A".repeat(43) }),
);

it("the function of the WebSocket API does not start without a place where connections are managed", () => {
  expect(() => liveServices(foundation)).toThrow("the environment variable LIVE_ENDPOINT is missing");
});

it("send starts without one, and wakes nobody", () => {
  expect(sendServices(foundation).wakes).toBeUndefined();
});
