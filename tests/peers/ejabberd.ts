import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../support/folders.ts";
import { freePort } from "../support/ports.ts";
import type { Peer, Running } from "./peer.ts";
import { programOf, Server, versionOf } from "./server.ts";
import { DOMAIN, PASSWORD, RECEIVER, xmppSender } from "./xmpp-client.ts";

const ERLANG = "erl";
const CONTROL = "ejabberdctl";
/** Asks the library's own description, without starting the server. */
const ASK_VERSION =
  'application:load(ejabberd), case application:get_key(ejabberd, vsn) of {ok, V} -> io:format("ejabberd ~s~n", [V]); _ -> ok end, halt().';
const AGAIN_MS = 100;

/** An XMPP server in Erlang. */
export const ejabberd: Peer = {
  name: "ejabberd",
  version: () => versionOf(ERLANG, ["-noshell", "-eval", ASK_VERSION], /ejabberd (\S+)/, libraries()),
  packages: ["ejabberd", "erlang-p1-sqlite3"],
  ways: [
    {
      name: "ejabberd, stream management and archive",
      setup:
        "[`mod_stream_mgmt`](https://docs.ejabberd.im/admin/configuration/modules/#mod_stream_mgmt) with resumption, and [`mod_mam`](https://docs.ejabberd.im/admin/configuration/modules/#mod_mam) and `mod_offline` in SQLite, which it recommends over its own database; a sender waits for the acknowledgement of [XEP-0198](https://xmpp.org/extensions/xep-0198.html#acking), and sends again with the same id what was not acknowledged on a stream that cannot be resumed; the receiver saves the archive's id in one transaction with each message, [synchronizes from it](https://xmpp.org/extensions/xep-0313.html#sync), and drops what has an id of any message that it has kept, as XEP-0198 suggests. It sends no receipts of [XEP-0184](https://xmpp.org/extensions/xep-0184.html#what), which advises against sending again for want of one.",
      launch,
    },
  ],
};

/** Where Erlang finds the server: its control script knows. */
function libraries(): NodeJS.ProcessEnv {
  const script = programOf(CONTROL);
  const folder = script === undefined ? undefined : /^ERL_LIBS='(.+)'$/m.exec(readFileSync(script, "utf8"))?.[1];
  return folder === undefined ? {} : { ERL_LIBS: folder };
}

async function launch(): Promise<Running> {
  const folder = temporaryFolder();
  const port = await freePort();
  const httpPort = await freePort();
  const config = join(folder, "ejabberd.yml");
  writeFileSync(config, configuration(folder, port, httpPort));
  const server = new Server({
    program: programOf(ERLANG) ?? ERLANG,
    args: ["-noinput", "-mnesia", "dir", JSON.stringify(join(folder, "spool")), "-s", "ejabberd"],
    env: {
      ...libraries(),
      HOME: folder,
      EJABBERD_CONFIG_PATH: config,
      EJABBERD_LOG_PATH: join(folder, "ejabberd.log"),
      ERL_CRASH_DUMP: join(folder, "crash"),
    },
    port,
  });
  await server.start();
  await register(httpPort, RECEIVER);
  return {
    port,
    start: () => server.start(),
    kill: () => server.kill(),
    sender: async (number, seenPort) => {
      await register(httpPort, `sender-${number}`);
      return xmppSender(number, seenPort);
    },
    task: (seenPort) => ({ kind: "xmpp", port: seenPort }),
  };
}

const configuration = (folder: string, port: number, httpPort: number): string => `
hosts: [${DOMAIN}]
loglevel: error
default_db: sql
sql_type: sqlite
sql_database: ${folder}/ejabberd.db
certfiles: []
shaper_rules:
  max_user_offline_messages: infinity
listen:
  - port: ${port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    starttls: false
  - port: ${httpPort}
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers:
      /api: mod_http_api
api_permissions:
  loopback:
    from: mod_http_api
    who: { ip: 127.0.0.1/8 }
    what: [register]
modules:
  mod_http_api: {}
  mod_mam:
    default: always
    use_cache: false
  mod_offline: {}
  mod_stream_mgmt:
    resend_on_timeout: if_offline
`;

async function register(httpPort: number, user: string): Promise<void> {
  const body = JSON.stringify({ user, host: DOMAIN, password: PASSWORD });
  const headers = { "content-type": "application/json" };
  const url = `http://127.0.0.1:${httpPort}/api/register`;
  // Its second port may come up a little later than its first.
  for (let attempt = 0; attempt < 50; attempt++) {
    const response = await fetch(url, { method: "POST", headers, body }).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await sleep(AGAIN_MS);
  }
  throw new Error("ejabberd does not register an account");
}
