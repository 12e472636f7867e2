import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/folders.ts";
import { freePort } from "../support/ports.ts";
import type { Peer, Running } from "./peer.ts";
import { programOf, Server, versionOf } from "./server.ts";
import { DOMAIN, PASSWORD, RECEIVER, xmppSender } from "./xmpp-client.ts";

const PROGRAM = "prosody";
const CONTROL = "prosodyctl";

/** An XMPP server in Lua. */
export const prosody: Peer = {
  name: "prosody",
  version: () => versionOf(CONTROL, ["about"], /^Prosody (\S+)$/m),
  packages: ["prosody", "lua-dbi-sqlite3"],
  ways: [
    {
      name: "Prosody, stream management and archive",
      setup:
        "Clients as with ejabberd, and [`smacks`](https://prosody.im/doc/modules/mod_smacks), [`mam`](https://prosody.im/doc/modules/mod_mam) and `offline` on [SQLite](https://prosody.im/doc/modules/mod_storage_sql), which by default syncs each transaction.",
      launch,
    },
  ],
};

async function launch(): Promise<Running> {
  const folder = temporaryFolder();
  const data = join(folder, "data");
  mkdirSync(data);
  mkdirSync(join(folder, "certs"));
  const port = await freePort();
  const config = join(folder, "prosody.cfg.lua");
  writeFileSync(config, configuration(folder, data, port));
  register(config, RECEIVER);
  const server = new Server({ program: programOf(PROGRAM) ?? PROGRAM, args: ["-F", "--config", config], port });
  await server.start();
  return {
    port,
    start: () => server.start(),
    kill: () => server.kill(),
    sender: async (number, seenPort) => {
      register(config, `sender-${number}`);
      return xmppSender(number, seenPort);
    },
    task: (seenPort) => ({ kind: "xmpp", port: seenPort }),
  };
}

const configuration = (folder: string, data: string, port: number): string => `
run_as_root = true
data_path = "${data}"
pidfile = "${folder}/prosody.pid"
log = { error = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
modules_enabled = { "saslauth", "disco", "smacks", "mam", "offline" }
modules_disabled = { "s2s", "tls", "http" }
c2s_require_encryption = false
authentication = "internal_hashed"
storage = "sql"
sql = { driver = "SQLite3", database = "${data}/prosody.sqlite" }
default_archive_policy = true
archive_expires_after = "never"
VirtualHost "${DOMAIN}"
`;

/** Works beside the running server: both use one database. */
function register(config: string, user: string): void {
  const args = ["--root", "--config", config, "register", user, DOMAIN, PASSWORD];
  const { status, stdout, stderr } = spawnSync(programOf(CONTROL) ?? CONTROL, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`prosodyctl does not register an account:\n${stdout}${stderr}`);
}
