import { receiveFromGoTalk } from "./gotalk-client.ts";
import { Journal } from "./journal.ts";
import { receiveFromMqtt } from "./mqtt-client.ts";
import { receiveFromNats } from "./nats-client.ts";
import { type Orders, SIGNS } from "./receiver.ts";
import type { Receiving } from "./receiving.ts";
import { receiveFromXmpp } from "./xmpp-client.ts";

// A receiver's process, which may be killed at any moment and started again.

const { task, file, deaths } = JSON.parse(process.argv[2] ?? "") as Orders;
const journal = new Journal(file);
const diesAt = new Set(deaths);
let count = journal.count;
const receiving: Receiving = {
  journal,
  ready: () => void process.stdout.write(SIGNS.ready),
  take(message, beside) {
    journal.take(message, beside);
    count++;
    // On a pipe this has been written when it returns.
    process.stdout.write(SIGNS.taken);
    if (diesAt.has(count)) process.kill(process.pid, "SIGKILL");
  },
};

switch (task.kind) {
  case "gotalk":
    await receiveFromGoTalk(task, receiving);
    break;
  case "nats":
    await receiveFromNats(task, receiving);
    break;
  case "mqtt":
    receiveFromMqtt(task, receiving);
    break;
  case "xmpp":
    await receiveFromXmpp(task, receiving);
    break;
}
