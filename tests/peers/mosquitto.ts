import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "../support/folders.ts";
import { freePort } from "../support/ports.ts";
import { mqttSender } from "./mqtt-client.ts";
import type { Peer, Running } from "./peer.ts";
import { programOf, Server, versionOf } from "./server.ts";

const PROGRAM = "mosquitto";

/** The MQTT broker of Eclipse. */
export const mosquitto: Peer = {
  name: "mosquitto",
  version: () => versionOf(PROGRAM, ["-h"], /version (\S+)/),
  packages: ["mosquitto"],
  ways: [
    {
      name: "mosquitto, QoS 2",
      setup:
        "[`persistence true`, `autosave_on_changes true`, `autosave_interval 1`](https://mosquitto.org/man/mosquitto-conf-5.html): saved after each change; `max_inflight_messages 1` guarantees the order and `max_queued_messages 0` drops nothing; sessions with `clean: false`, quality of service 2 on both ways, and an [`incomingStore`](https://github.com/mqttjs/MQTT.js#store) that forgets a packet in the transaction that keeps its message.",
      launch,
    },
  ],
};

async function launch(): Promise<Running> {
  const folder = temporaryFolder();
  const port = await freePort();
  const config = join(folder, "mosquitto.conf");
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1
allow_anonymous true
user ${userInfo().username}
persistence true
persistence_location ${folder}/
autosave_on_changes true
autosave_interval 1
max_inflight_messages 1
max_queued_messages 0
`,
  );
  const server = new Server({ program: programOf(PROGRAM) ?? PROGRAM, args: ["-c", config], port });
  await server.start();
  return {
    port,
    start: () => server.start(),
    kill: () => server.kill(),
    sender: mqttSender,
    task: (seenPort) => ({ kind: "mqtt", port: seenPort }),
  };
}
