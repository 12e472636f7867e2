import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/folders.ts";
import { freePort } from "../support/ports.ts";
import { makeStream, type NatsAck, natsSender } from "./nats-client.ts";
import type { Peer, Running, Way } from "./peer.ts";
import { programOf, Server, versionOf } from "./server.ts";

const PROGRAM = "nats-server";
/** The first version that has `sync_interval`. */
const SYNC_SINCE = [2, 10] as const;

const version = (): string | undefined => versionOf(PROGRAM, ["--version"], /v(\d\S*)/);

const way = (ack: NatsAck, name: string, setup: string): Way => ({ name, setup, launch: () => launch(ack) });

const STREAM =
  "A stream in [files](https://docs.nats.io/nats-concepts/jetstream/streams), with `sync_interval: always` from 2.10 on (older servers do not have it; it is about power cuts); a publisher repeats a message with its [`Nats-Msg-Id`](https://docs.nats.io/using-nats/developer/develop_jetstream/model_deep_dive#message-deduplication) until the stream confirms it.";

/** NATS with JetStream. */
export const nats: Peer = {
  name: "nats",
  version,
  packages: ["nats-server"],
  ways: [
    way(
      "ack",
      "NATS JetStream, ack after processing",
      `${STREAM} A durable consumer with [explicit acks](https://docs.nats.io/nats-concepts/jetstream/consumers#ackpolicy) acknowledges what it has processed.`,
    ),
    way(
      "doubleAck",
      "NATS JetStream, double ack",
      "The same, with [double acks](https://docs.nats.io/using-nats/developer/develop_jetstream/model_deep_dive#exactly-once-semantics), and with `max_ack_pending: 1`, which keeps the order.",
    ),
    way(
      "sequence",
      "NATS JetStream, sequence beside the message",
      "The same stream, read by an [ordered consumer](https://docs.nats.io/nats-concepts/jetstream/consumers#ordered-consumers); the stream's sequence is saved in one transaction with each message, and reading goes on after it.",
    ),
  ],
};

async function launch(ack: NatsAck): Promise<Running> {
  const folder = temporaryFolder();
  const port = await freePort();
  const config = join(folder, "nats.conf");
  writeFileSync(
    config,
    `listen: "127.0.0.1:${port}"
jetstream {
  store_dir: ${JSON.stringify(join(folder, "data"))}
  ${canSync() ? "sync_interval: always" : ""}
}
`,
  );
  const server = new Server({ program: programOf(PROGRAM) ?? PROGRAM, args: ["-c", config], port });
  await server.start();
  await makeStream(port);
  return {
    port,
    start: () => server.start(),
    kill: () => server.kill(),
    sender: natsSender,
    task: (seenPort) => ({ kind: "nats", ack, port: seenPort }),
  };
}

function canSync(): boolean {
  const [major = 0, minor = 0] = (version() ?? "").split(".").map(Number);
  return major > SYNC_SINCE[0] || (major === SYNC_SINCE[0] && minor >= SYNC_SINCE[1]);
}
