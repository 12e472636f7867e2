import type { Proof } from "../proofs.ts";

/** What a failed run names as broken; docs/proof.md says what each means. */
export const RULES = [
  "REACHED",
  "KEPT",
  "ALONE",
  "SOUND",
  "ONCE",
  "FULL",
  "SINGLE",
  "HEIR",
  "OWN",
  "ANSWERED",
  "REST",
  "MEMBERS",
  "LEGAL",
  "TOLD",
  "STATE",
  "RATE",
];

/** A text of a source file, and what stands there instead. */
interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  /** It occurs once. */
  readonly from: string;
  readonly to: string;
}

/** A rule that the code breaks, for a measurement of how soon the proof notices. */
interface Mistake {
  readonly name: string;
  /** The proof that has to notice it. */
  readonly proof: Proof;
  readonly edits: readonly Edit[];
}

type Edits = readonly [file: string, from: string, to: string][];

const mistakeOf = (proof: Proof, name: string, edits: Edits): Mistake => ({
  name,
  proof,
  edits: edits.map(([file, from, to]) => ({ file, from, to })),
});

const mistake = (name: string, ...edits: Edits): Mistake => mistakeOf("devices", name, edits);
const ofGroups = (name: string, ...edits: Edits): Mistake => mistakeOf("groups", name, edits);

const LEAVE = "lib/devices/leave-decision.ts";
const LOGIN = "lib/devices/login-decision.ts";
const MAP = "lib/devices/device-map.ts";
const HAND_OVER = "lib/devices/hand-over.ts";
const COPY = "lib/devices/waiting-copy.ts";
const TARGETS = "lib/devices/targets.ts";
const FAN_OUT = "lib/devices/fan-out.ts";
const SENDING = "lib/channel/sending.ts";
const LOGINS = "lib/accounts/device-logins.ts";
const GROUP = "lib/groups/group.ts";
const GROUP_DECISION = "lib/groups/group-decision.ts";
const GROUP_STORE = "lib/groups/group-store.ts";
const GROUP_FAN_OUT = "lib/groups/group-fan-out.ts";
const GROUP_SENDING = "lib/groups/group-sending.ts";
const GROUP_TELLER = "lib/groups/group-teller.ts";
const GROUP_NOTES = "lib/groups/group-notes.ts";
const GROUPS = "lib/groups/groups.ts";
const GROUP_CHANGING = "lib/groups/group-changing.ts";

export const mistakes: readonly Mistake[] = [
  mistake("the channel of a removed device is closed and emptied", [
    LEAVE,
    "if (others.some((one) => one.came < device.came && !one.missed)) {",
    "if (others.length > 0) {",
  ]),
  mistake("the heir does not wait until no send is under way that does not know it", [
    LEAVE,
    "if (now < knownToSendsAt(heir)) {",
    "if (now < 0) {",
  ]),
  mistake("a device counts as settled since its login began, and not since it was found in the map", [
    LEAVE,
    "({ there = Number.POSITIVE_INFINITY }: Device): number => there +",
    "({ came: there }: Device): number => there +",
  ]),
  mistake("what a send stored that does not know of the heir counts as being there", [
    LEAVE,
    "Number.POSITIVE_INFINITY : knownToSendsAt(heir);",
    "Number.POSITIVE_INFINITY : (heir.there ?? heir.came);",
  ]),
  mistake("two devices leave at once", [LEAVE, "if (leaving) return", "if (leaving && now < 0) return"]),
  mistake("the shared device counts as one that is left", [
    LEAVE,
    "one !== device && !one.shared && !one.leaving",
    "one !== device && !one.leaving",
  ]),
  mistake("a shared device that becomes personal counts as having everything", [
    MAP,
    "device.shared && devices.some(",
    "device.shared && devices.length < 0 && devices.some(",
  ]),
  mistake("the next shared device counts as one that was never personal", [
    MAP,
    "one !== device && !one.leaving) ?",
    "one !== device && !one.shared && !one.leaving) ?",
  ]),
  mistake("an old `deviceId` works after the dormant device was taken", [
    LOGIN,
    "const device = { ...dormant, ...own, last:",
    "const device = { ...dormant, ...own, id: shared ? newId : (dormant.last ?? newId), last:",
  ]),
  mistake("a login cannot be repeated", [LOGIN, "repeatOf(map, loginId) ?? deviceOf", "deviceOf"]),
  mistake("a device comes with the time of its function's clock, though others came later", [
    LOGIN,
    "Math.max(now, ...devices.map(({ came }) => came + 1))",
    "now + 0 * devices.length",
  ]),
  mistake("two devices come at the same time", [LOGIN, "came + 1", "came"]),
  mistake("no second look at the map after the session is stored", [
    LOGINS,
    'map === undefined ? "lost" : standingOf(map, device)',
    '"ours"',
  ]),
  mistake(
    "a channel is free before its sessions have ended",
    [
      HAND_OVER,
      `      await cleanup.endSessions(userId, device);
    }
    const decision = await this.#decide(userId, device, (_, { map: next }) => next);`,
      `    }
    const decision = await this.#decide(userId, device, (_, { map: next }) => next);
    await this.#parts.cleanup?.endSessions(userId, device);`,
    ],
    [
      HAND_OVER,
      `    await cleanup.endSessions(userId, device);
    const ended = await this.#decide(userId, device, (read) => markEnded(read, device));`,
      `    const ended = await this.#decide(userId, device, (read) => markEnded(read, device));
    await cleanup.endSessions(userId, device);`,
    ],
  ),
  mistake("the sessions of a removed device stay", [
    "lib/accounts/session-cleanup.ts",
    "await sessions.endEach(userId, ended);",
    "",
  ]),
  mistake("a send reads the map eventually consistent", [
    "lib/database/get-records.ts",
    "{ consistent = true }",
    "{ consistent = false }",
  ]),
  mistake("a send is answered 202 before all puts are known", [
    SENDING,
    "const isStored = await eachOf(targets, LIMITS.putsAtOnce, (target) => this.#put(target, message, senderId));",
    `const [first, ...others] = targets;
    const isStored = [first && (await this.#put(first, message, senderId)), ...others.map(() => true)];
    void eachOf(others, LIMITS.putsAtOnce, (target) => this.#put(target, message, senderId)).catch(() => undefined);`,
  ]),
  mistake("the map is written without its condition", [
    "lib/devices/device-store.ts",
    "attribute_exists(#owner) AND devicesVersion = :seen",
    "attribute_exists(#owner)",
  ]),
  mistake("one full channel refuses", [FAN_OUT, "refusals.length === toReceiver.length", "refusals.length > 0"]),
  mistake("a device that is ending gets no messages", [
    TARGETS,
    "devices.filter(({ leaving }) => !leaving)",
    "devices.filter(({ leaving, ending }) => !leaving && !ending)",
  ]),
  mistake("a device that has missed something counts as older", [
    LEAVE,
    "one.came < device.came && !one.missed)",
    "one.came < device.came)",
  ]),
  mistake("the head of a channel that is left does not get a new name first", [
    COPY,
    "lineage: extendLineage(lineage, newWrite())",
    "lineage",
  ]),
  mistake(
    "what is out on it is not handed over",
    [
      COPY,
      "sentAt < before && sentFrom !== target",
      "sentAt < before && sentFrom !== target && !view.head.outstanding.includes(position)",
    ],
    [COPY, "view.waiting.filter(({ sentAt, sentFrom })", "view.waiting.filter(({ sentAt, sentFrom, position })"],
  ),
  mistake("what is out on it is handed over unflagged", [
    COPY,
    "outstanding.has(message.position) || mayRepeat(message, head)",
    "false",
  ]),
  mistake("it is handed over once, before the heir has settled", [
    LEAVE,
    "leaving: true, heir: heir.came, handed: undefined }",
    "leaving: true, heir: heir.came, handed: device.handed }",
  ]),
  mistake("a send that skipped a channel does not look at the map again", [
    FAN_OUT,
    "if (isKept && !isHeld(map, reached)) {",
    "if (isKept && reached.length === 0) {",
  ]),
  mistake("that look tells devices by when they came, and not by their channels", [
    FAN_OUT,
    "{ channel }: Device): boolean =>\n  devices.some((one) => one.channel === channel);",
    "{ came }: Device): boolean =>\n  devices.some((one) => one.came === came);",
  ]),
  mistake("the other sessions stay when a session gets the shared device for itself", [
    LOGINS,
    "if (!device.shared) {",
    "if (!device.shared && isNew) {",
  ]),
  mistake("no own copies", [TARGETS, "sender === undefined ? [] : othersOf(sender, senderChannel)", "[]"]),
  mistake("own copies on the shared device", [
    TARGETS,
    "!shared && channel !== senderChannel",
    "channel !== senderChannel",
  ]),
  mistake("nobody is told that messages were missed", [
    SENDING,
    "await this.#store.putMissed(channel, message.sentAt);",
    "",
  ]),
  ofGroups("a group is changed though another change came first", [
    GROUP_STORE,
    'IS_AS_READ = "#version = :seen"',
    'IS_AS_READ = "attribute_exists(#owner)"',
  ]),
  ofGroups(
    "a group is changed though its code was made anew",
    [GROUP_STORE, 'HAS_SAME_CODE = "#invite = :invite"', "HAS_SAME_CODE = IS_AS_READ"],
    [GROUP_STORE, 'HAS_NO_CODE = "attribute_not_exists(#invite)"', "HAS_NO_CODE = IS_AS_READ"],
  ),
  ofGroups("a code is made though the group was changed", [
    "lib/groups/group-records.ts",
    'IS_AS_READ = "#version = :seen"',
    'IS_AS_READ = "attribute_exists(#owner)"',
  ]),
  ofGroups("a group is read eventually consistent", [
    "lib/groups/group-reader.ts",
    "{ consistent: true }",
    "{ consistent: false }",
  ]),
  ofGroups("a removed member still gets messages until the removal is told", [
    GROUP_SENDING,
    "const ids = idsOfMembers(group);",
    "const ids = [...new Set([...idsOfMembers(group), ...group.untold.flatMap(({ also }) => also ?? [])])];",
  ]),
  ofGroups("a member who was removed may still send", [
    GROUP_SENDING,
    "if (group === undefined || memberOf(group, message.senderId) === undefined)",
    "if (group === undefined)",
  ]),
  ofGroups("a member's second device gets nothing", [
    GROUP_FAN_OUT,
    "if (id !== senderId) return staying(devices);",
    "if (id !== senderId) return staying(devices).slice(0, 1);",
  ]),
  ofGroups("the sender's other devices get nothing", [
    GROUP_FAN_OUT,
    ": othersOf(devices, device.channel);",
    ": othersOf(devices, device.channel).slice(1);",
  ]),
  ofGroups("nobody is told who has missed a message", [
    GROUP_FAN_OUT,
    "isShut && party.id !== message.senderId)\n",
    "isShut && party.id === message.senderId)\n",
  ]),
  ofGroups("a message to a group counts once", [
    "lib/handlers/send-handler.ts",
    "sendLimit.consume(caller.userId, members)",
    "sendLimit.consume(caller.userId, Math.min(members, 1))",
  ]),
  ofGroups("a change of a group counts once", [GROUP_CHANGING, "Math.max(1, idsOfMembers(state).length)", "1"]),
  ofGroups("a removal leaves the code", [
    GROUP_DECISION,
    "without(group.members, userId), inviteHash: undefined }",
    "without(group.members, userId) }",
  ]),
  ofGroups("a code lets in that was the right one when the request began", [
    GROUP_DECISION,
    "if (group.inviteHash !== inviteHash)",
    'if (inviteHash === "")',
  ]),
  ofGroups("the last admin leaves, and nobody becomes one", [
    GROUP_DECISION,
    "adminsOf(rest).length > 0 ? undefined : longest(rest)",
    "adminsOf(rest).length >= 0 ? undefined : longest(rest)",
  ]),
  ofGroups("the last admin leaves, and the newest member becomes one", [
    GROUP_DECISION,
    "one.member.since - other.member.since",
    "other.member.since - one.member.since",
  ]),
  ofGroups("the last admin may be none", [
    GROUP_DECISION,
    "if (!admin && adminsOf",
    "if (!admin && group.version < 0 && adminsOf",
  ]),
  ofGroups("an admin adds a user who has blocked the admin", [
    GROUPS,
    "if (isNew && candidate?.hasBlocked)",
    "if (isNew && candidate?.hasBlocked && read.version < 0)",
  ]),
  ofGroups("a change is told by its own request alone", [
    GROUP_TELLER,
    "return this.#parts.now() >= at + LIMITS.groups.tellAfter;",
    "return this.#parts.now() < at - LIMITS.groups.tellAfter - LIMITS.clocksApart;",
  ]),
  ofGroups("a change counts as told before it is", [
    GROUP_TELLER,
    "const sent = await fanOut.send(message, legs);",
    "await store.removeUntold(groupId, untold);\n    const sent = await fanOut.send(message, legs);",
  ]),
  ofGroups("the next reader tells a change under another id", [
    GROUP_TELLER,
    "messageId, content, type: GROUP_EVENT }",
    'messageId: this.#isLate(untold) ? messageId.replace(/.$/, "0") : messageId, content, type: GROUP_EVENT }',
  ]),
  ofGroups("a change is told under the name that the group has then", [
    GROUP_TELLER,
    "fanOut.route({ groupId, name },",
    "fanOut.route({ groupId, name: group.name },",
  ]),
  ofGroups("a newcomer is told what was before", [GROUP, "since <= version ? [id] : []", "since > 0 ? [id] : []"]),
  ofGroups("a removed member is not told of the removal", [
    GROUP,
    "also === undefined || present.includes(also)",
    "also !== null",
  ]),
  ofGroups(
    "a group is noted for a member after it says so",
    [
      GROUP_CHANGING,
      'await prepare?.(version, change.event === "added");',
      'note = () => prepare?.(version, change.event === "added");',
    ],
    [GROUP_CHANGING, "let isCounted = false;", "let isCounted = false;\n    let note: (() => unknown) | undefined;"],
    [
      GROUP_CHANGING,
      'if (changed.kind === "refused") throw refusalError(changed.code);\n',
      'if (changed.kind === "refused") throw refusalError(changed.code);\n    await note?.();\n',
    ],
  ),
  ofGroups("a late removal takes the note of a member who has come back", [
    GROUP_NOTES,
    "await deleteRecord(this.#table, membershipKey(userId, groupId), { condition: IS_NO_LATER, values: { version } });",
    "await deleteRecord(this.#table, membershipKey(userId, groupId));",
  ]),
  ofGroups("a note is removed though the change may still come that it was stored for", [
    GROUP_NOTES,
    "if (this.#now() < at + LIMITS.groups.noteLead) return;",
    "",
  ]),
  ofGroups("a group with too many untold changes cannot be left", [
    GROUP_STORE,
    'if (change.event !== "left" && group.untold.length',
    "if (group.untold.length",
  ]),
];

/**
 * A source file with a mistake in it.
 *
 * @param file From the root of the repository.
 * @throws {Error} The code has changed: what the mistake replaces is not there, or not once.
 */
export function withMistake({ name, edits }: Mistake, file: string, source: string): string {
  return edits
    .filter((edit) => edit.file === file)
    .reduce((text, { from, to }) => {
      const [before, after, ...more] = text.split(from);
      if (before === undefined || after === undefined || more.length > 0) {
        throw new Error(`"${name}" replaces what ${file} has ${more.length > 0 ? "more than once" : "not"}: ${from}`);
      }
      return `${before}${to}${after}`;
    }, source);
}
