import { ejabberd } from "./ejabberd.ts";
import { gotalk } from "./gotalk.ts";
import { mosquitto } from "./mosquitto.ts";
import { nats } from "./nats.ts";
import type { Peer } from "./peer.ts";
import { prosody } from "./prosody.ts";

/** All that is compared, in the order of the tables. */
export const PEERS: readonly Peer[] = [gotalk, nats, mosquitto, ejabberd, prosody];
