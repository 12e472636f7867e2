import { type ClientPerson, newcomer } from "../support/people.ts";
import { System } from "../support/system.ts";
import { type GoTalkState, goTalkSender, PATIENT } from "./gotalk-client.ts";
import type { Peer, Running, Way } from "./peer.ts";

const ALL_FAULTS = ["receiverCut", "serverKilled", "receiverKilled"] as const;

const way = (state: GoTalkState, name: string, setup: string, excused: Way["excused"] = {}): Way => ({
  name,
  setup,
  excused,
  launch: () => launch(state),
});

/** The whole local stack, as `npm start` starts it. */
export const gotalk: Peer = {
  name: "gotalk",
  version: () => "this checkout, on its embedded database",
  packages: [],
  ways: [
    way(
      "beside",
      "goTalk, state beside the message",
      "`Client.receive`; `Inbox.state` is saved in one transaction with each message, as the page does and as the TSDoc of `Inbox.state` recommends.",
    ),
    way(
      "apart",
      "goTalk, state saved apart",
      "`Client.receive` with `onState`; the state is saved after the message, in a transaction of its own.",
      { receiverKilled: ["repeatedFlagged"] },
    ),
    way(
      "none",
      "goTalk, without `ack`",
      "`sync` with goTalk's own two parameters, which settles what it takes; what a lost response carried is lost, as [the protocol](protocol.md) says.",
      Object.fromEntries(ALL_FAULTS.map((fault) => [fault, ["lost"]])),
    ),
  ],
};

async function launch(state: GoTalkState): Promise<Running> {
  const system = await System.start("dynalite");
  const receiver = await patientNewcomer(system.url);
  return {
    port: system.port,
    start: () => system.start(),
    kill: () => system.kill(),
    sender: async (_, port) => goTalkSender(urlOf(port), (await patientNewcomer(system.url)).session, receiver.id),
    task: (port) => ({ kind: "gotalk", state, url: urlOf(port), session: receiver.session }),
  };
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

const patientNewcomer = (url: string): Promise<ClientPerson> => newcomer(url, { retry: PATIENT, live: false });
