import { LIMITS } from "../../../lib/contract/limits.ts";
import {
  type Device,
  type DeviceMap,
  dayOf,
  deviceOf,
  firstMap,
  isInUse,
  readMap,
  withThere,
} from "../../../lib/devices/device-map.ts";
import {
  decideLeave,
  finishLeaving,
  handsOverBefore,
  heirOf,
  markEnding,
  pendingOf,
  withHanded,
} from "../../../lib/devices/leave-decision.ts";
import { decideLogin, type LoginRequest } from "../../../lib/devices/login-decision.ts";
import { decidePersonal } from "../../../lib/devices/personal-decision.ts";
import { decideSeen } from "../../../lib/devices/seen-decision.ts";
import { targetsOf } from "../../../lib/devices/targets.ts";
import { NOW } from "../../support/example-devices.ts";

interface Message {
  readonly sentAt: number;
  /** It was put on a personal device. Nothing is promised of what only shared logins had. */
  readonly isPersonal: boolean;
}

interface Channel {
  readonly put: Set<number>;
  readonly fetched: Set<number>;
}

const DAY = 86_400_000;

/** One user, whose devices come, go and get messages, one step after the other. Nothing runs at once: that is the model's. */
export class UserWorld {
  map: DeviceMap = readMap(firstMap(NOW), dayOf(NOW));
  /** How far the clock of the function that runs now is ahead, in milliseconds. Negative: behind. */
  skew = 0;
  #time = NOW;
  readonly messages: Message[] = [];
  /** By the `came` of their devices. */
  readonly channels = new Map<number, Channel>();
  /** Every id that a login ever got, as it may be shown again. */
  readonly ids: string[] = [];
  readonly #dead = new Set<string>();
  #names = 0;

  get now(): number {
    return this.#time + this.skew;
  }

  get today(): number {
    return dayOf(this.now);
  }

  channelOf({ came }: Pick<Device, "came">): Channel {
    const channel = this.channels.get(came) ?? { put: new Set(), fetched: new Set() };
    this.channels.set(came, channel);
    return channel;
  }

  login(asked: Partial<LoginRequest>): void {
    this.finish();
    const loginId = `L${this.#names++}`;
    const request = { loginId, ...asked, ...this.#fresh() };
    const isDead = asked.deviceId !== undefined && this.#dead.has(asked.deviceId);
    const decision = decideLogin(this.map, request);
    if (decision.kind === "device") {
      if (isDead && decision.device.id === asked.deviceId) throw new Error("a dead id worked");
      this.#get(decision.map, decision.device);
      // The answer was lost.
      const again = decideLogin(this.map, { ...request, ...this.#fresh() });
      if (again.kind !== "device" || again.device.id !== decision.device.id) throw new Error("a repeat got another");
      this.#get(again.map, again.device);
    }
  }

  becomePersonal(isAlone: boolean): void {
    const shared = this.map.devices.find((device) => device.shared && isInUse(device));
    if (shared?.id === undefined) return;
    const decision = decidePersonal(this.map, {
      isAlone,
      loginId: `L${this.#names++}`,
      ...this.#fresh(),
    });
    if (decision.kind === "device") this.#get(decision.map, decision.device);
  }

  /** Of a shared session it ends the session alone. */
  logout(device: Device | undefined): void {
    if (!device?.shared) this.remove(device);
  }

  remove(device: Device | undefined): void {
    this.#set(markEnding(this.map, device?.id ?? "") ?? this.map);
  }

  /** One thing that a function does with what is ending or leaving, or half of it: as if it died then. */
  finishOne(fully: boolean): boolean {
    const device = pendingOf(this.map);
    if (device === undefined) return false;
    if (device.leaving) {
      this.#copy(device, heirOf(this.map, device) as Device, fully);
      if (fully) this.#set(finishLeaving(this.map, device));
      return fully;
    }
    const decision = decideLeave(this.map, device, this.now);
    this.#set(decision.map);
    if (decision.kind === "ending") {
      this.#copy(decision.device, decision.heir, fully);
      if (fully) this.#set(withHanded(this.map, decision.device, "~"));
    }
    return decision.kind !== "ending";
  }

  finish(): void {
    while (this.finishOne(true)) {
      // Until only what has to wait is left.
    }
  }

  /** @param full The channels that have no room. One has. */
  send(full: (device: Device) => boolean): void {
    const { receiver } = targetsOf({
      receiver: this.map,
      sender: undefined,
      senderChannel: undefined,
    });
    const withRoom = receiver.filter((device, at) => at === receiver.length - 1 || !full(device));
    for (const device of withRoom) this.channelOf(device).put.add(this.messages.length);
    const isPersonal = withRoom.some(({ shared }) => !shared);
    this.messages.push({ sentAt: this.now, isPersonal });
    const skipped = new Set(receiver.filter((device) => !withRoom.includes(device)).map(({ came }) => came));
    if (skipped.size === 0) return;
    const devices = this.map.devices.map((one) => (skipped.has(one.came) ? { ...one, missed: true as const } : one));
    this.#set({ ...this.map, devices });
  }

  fetch(device: Device | undefined): void {
    const decision = decideSeen(this.map, { id: device?.id, channel: device?.channel }, this.today);
    this.#set(decision.map);
    if (device === undefined || decision.kind !== "seen") return;
    const { put, fetched } = this.channelOf(device);
    for (const message of put) fetched.add(message);
  }

  wait(milliseconds: number): void {
    this.#time += milliseconds;
  }

  waitDays(days: number): void {
    this.wait(days * DAY);
  }

  waitingOn(device: Device): number[] {
    const { put, fetched } = this.channelOf(device);
    return [...put].filter((message) => !fetched.has(message));
  }

  /** What the heir lacks; half of it, if the function dies. */
  #copy(from: Device, to: Device, fully: boolean): void {
    const before = handsOverBefore(from, to);
    const lacking = this.waitingOn(from).filter((message) => (this.messages[message]?.sentAt ?? 0) < before);
    for (const message of fully ? lacking : lacking.slice(0, 1)) this.channelOf(to).put.add(message);
  }

  #fresh() {
    const name = `${this.#names++}`;
    return { session: `S${name}`, now: this.now, newId: `I${name}`, newChannel: `C${name}` };
  }

  #get(map: DeviceMap, device: Device): void {
    // What waited becomes that of shared logins.
    if (device.shared) {
      for (const message of this.waitingOn(device)) {
        this.messages[message] = { sentAt: this.messages[message]?.sentAt ?? 0, isPersonal: false };
      }
    }
    if (device.id !== undefined && !this.ids.includes(device.id)) this.ids.push(device.id);
    this.#set(map);
  }

  /** As it is stored: with a note of what was there. */
  #set(map: DeviceMap): void {
    if (map !== this.map) this.map = withThere(this.map, map, this.now);
    for (const id of this.ids) if (deviceOf(map, id) === undefined) this.#dead.add(id);
  }
}

export const { most: MOST_DEVICES } = LIMITS.devices;
