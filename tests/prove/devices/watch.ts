import {
  type AttributeValue,
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { SHARED_DEVICE } from "../../../lib/contract/devices.ts";
import { SESSION_PREFIX } from "../../../lib/database/account-keys.ts";
import { toRecord } from "../../../lib/database/accounts-table.ts";
import { type DeviceMap, readMap, type StoredMap } from "../../../lib/devices/device-map.ts";
import type { Asked } from "../wire.ts";

type Item = Record<string, AttributeValue>;

/** A map of devices, from a moment on. Moments count what happens in a run. */
interface MapFrom {
  readonly moment: number;
  /** By the slowest clock, in milliseconds since the epoch. */
  readonly time: number;
  readonly map: DeviceMap;
}

type Now = Pick<MapFrom, "moment" | "time">;

/** A session as it is stored. */
export interface WatchedSession {
  readonly userId: string;
  readonly channel: string | undefined;
  readonly deviceId: string;
  /** In epoch seconds. */
  readonly expiresAt: number;
}

const USER = "user#";

/** What the table `accounts` has, and had: known by the commands that the database has carried out, without a read. */
export class Watch {
  readonly #table: string;
  readonly #items = new Map<string, Item>();
  /** What each item was before its last change. */
  readonly #before = new Map<string, Item | undefined>();
  readonly #maps = new Map<string, MapFrom[]>();
  readonly #sessions = new Map<string, WatchedSession>();

  constructor(table: string) {
    this.#table = table;
  }

  /** The same command, with an answer that tells what is stored then. */
  asWatched(command: Asked): Asked {
    const { input } = command;
    if (!(command instanceof UpdateItemCommand) || !this.#isOurs(input)) return command;
    return new UpdateItemCommand({ ...command.input, ReturnValues: "ALL_NEW" });
  }

  /**
   * A command was carried out.
   *
   * @param time By the slowest clock, in milliseconds since the epoch.
   * @returns The map of devices that it has changed.
   */
  applied(command: Asked, output: unknown, moment: number, time: number): DeviceMap | undefined {
    if (!this.#isOurs(command.input)) return undefined;
    const now = { moment, time };
    if (command instanceof PutItemCommand) return this.#change(command.input.Item ?? {}, command.input.Item, now);
    if (command instanceof DeleteItemCommand) return this.#change(command.input.Key ?? {}, undefined, now);
    if (!(command instanceof UpdateItemCommand)) return undefined;
    return this.#change(command.input.Key ?? {}, (output as { Attributes?: Item }).Attributes, now);
  }

  /** What an eventually consistent read may answer as well: what was there before the last change. */
  asBefore(command: Asked, output: unknown): unknown {
    if (!this.#isOurs(command.input)) return output;
    if (command instanceof GetItemCommand && !command.input.ConsistentRead) {
      return { ...(output as object), Item: this.#earlier(command.input.Key ?? {}) };
    }
    if (command instanceof BatchGetItemCommand) {
      const { Keys = [], ConsistentRead } = command.input.RequestItems?.[this.#table] ?? {};
      if (ConsistentRead) return output;
      const items = Keys.map((key) => this.#earlier(key)).filter((item) => item !== undefined);
      return { ...(output as object), Responses: { [this.#table]: items } };
    }
    return output;
  }

  /** The maps of a user, the first one first. */
  mapsOf(userId: string): readonly MapFrom[] {
    return this.#maps.get(userId) ?? [];
  }

  /** The map as it was when something had just happened. */
  mapAt(userId: string, moment: number): DeviceMap | undefined {
    return this.mapsOf(userId).findLast((one) => one.moment <= moment)?.map;
  }

  /** The map as it is. */
  mapOf(userId: string): DeviceMap | undefined {
    return this.mapsOf(userId).at(-1)?.map;
  }

  /**
   * A session, if it goes on.
   *
   * @param now In milliseconds since the epoch.
   */
  session(sessionId: string, now: number): WatchedSession | undefined {
    const session = this.#sessions.get(sessionId);
    return session && session.expiresAt > now / 1_000 ? session : undefined;
  }

  #isOurs(input: unknown): boolean {
    const { TableName, RequestItems } = input as { TableName?: string; RequestItems?: object };
    return TableName === this.#table || Object.keys(RequestItems ?? {}).includes(this.#table);
  }

  #earlier(key: Item): Item | undefined {
    const name = nameOf(key);
    return this.#before.has(name) ? this.#before.get(name) : this.#items.get(name);
  }

  #change(key: Item, item: Item | undefined, now: Now): DeviceMap | undefined {
    const name = nameOf(key);
    this.#before.set(name, this.#items.get(name));
    if (item === undefined) this.#items.delete(name);
    else this.#items.set(name, item);
    const owner = key["owner"]?.S ?? "";
    const record = key["record"]?.S ?? "";
    if (!owner.startsWith(USER)) return undefined;
    const userId = owner.slice(USER.length);
    if (record === "profile") return this.#keepMap(userId, item, now);
    if (record.startsWith(SESSION_PREFIX)) this.#keepSession(userId, record.slice(SESSION_PREFIX.length), item);
    return undefined;
  }

  #keepMap(userId: string, item: Item | undefined, now: Now): DeviceMap | undefined {
    const maps = this.#maps.get(userId) ?? [];
    const map = readMap(toRecord<StoredMap>(item ?? {}), 0);
    if (maps.at(-1)?.map.version === map.version && maps.length > 0) return undefined;
    this.#maps.set(userId, [...maps, { ...now, map }]);
    return map;
  }

  #keepSession(userId: string, sessionId: string, item: Item | undefined): void {
    if (item === undefined) {
      this.#sessions.delete(sessionId);
      return;
    }
    const channel = item["channel"]?.S;
    const expiresAt = Number(item["expiresAt"]?.N);
    this.#sessions.set(sessionId, { userId, channel, deviceId: item["device"]?.S ?? SHARED_DEVICE, expiresAt });
  }
}

const nameOf = (key: Item): string => `${key["owner"]?.S}/${key["record"]?.S}`;
