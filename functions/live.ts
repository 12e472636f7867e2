import { LambdaClient } from "@aws-sdk/client-lambda";
import { Live } from "../lib/live.ts";
import { serveLive } from "../lib/live-events.ts";
import { connections, gateway } from "../lib/live-services.ts";
import { startWatchBy } from "../lib/live-watch.ts";
import { meter, now, sessionCheck, tokens } from "../lib/services.ts";
import { sleep } from "../lib/sleep.ts";

const functionName = process.env["AWS_LAMBDA_FUNCTION_NAME"];
if (gateway === undefined) throw new Error("the environment variable LIVE_ENDPOINT is missing");
if (functionName === undefined) throw new Error("the environment variable AWS_LAMBDA_FUNCTION_NAME is missing");

const startWatch = startWatchBy(new LambdaClient(), functionName);

/** The routes of the WebSocket API: a client proves whose connection it is, and is woken when something waits. */
export const handler = serveLive(
  new Live({ tokens, sessions: sessionCheck, connections, gateway, startWatch, now, sleep }),
  meter,
);
