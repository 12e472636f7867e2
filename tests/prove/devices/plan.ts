import type { Fault } from "../scenario.ts";

/** How one call of a function goes. */
export interface CallPlan {
  readonly faults: readonly Fault[];
  /** How far the clock of the function is ahead of the slowest one, in milliseconds. */
  readonly ahead: number;
  /** Its eventually consistent reads answer what was there before the last change. */
  readonly isStale: boolean;
  /** The answer does not reach the client. */
  readonly isLost: boolean;
}

/** Without trouble. */
export const CALM: CallPlan = { faults: [], ahead: 0, isStale: false, isLost: false };

/** The device that a login asks for. `known`: the one that the client had before; without one it is as if it named nothing more. */
export type LoginKind = "name" | "known" | "known or name" | "nothing" | "replace";

/** What a client does next. Each try is a call; the client goes on to the next one if it heard no answer, or a failure. */
export type Act =
  | { readonly kind: "logIn"; readonly by: LoginKind; readonly tries: readonly CallPlan[] }
  | { readonly kind: "makeDevice"; readonly tries: readonly CallPlan[] }
  | { readonly kind: "logOut"; readonly tries: readonly CallPlan[] }
  /** Of the user's devices in use, the so-manieth; another one than the client's own if there is one. */
  | { readonly kind: "remove"; readonly which: number; readonly how: Removal; readonly tries: readonly CallPlan[] }
  | { readonly kind: "send"; readonly message: number; readonly to: number; readonly tries: readonly CallPlan[] }
  | {
      readonly kind: "sync";
      readonly hasAck: boolean;
      readonly limit: number;
      readonly isSaved: boolean;
      readonly call: CallPlan;
    };

/** By `DELETE /devices/{id}`; or by `DELETE /sessions/{id}`, of the device's session. */
type Removal = "device" | "session";

export interface ClientPlan {
  /** Whose client it is. */
  readonly user: number;
  readonly acts: readonly Act[];
}

/** `new`: registered a moment ago. `old`: created before devices existed. */
export type UserKind = "new" | "old";

/**
 * Time goes on: by less than a command may wait; by half a lease; until no send is under way that has not read the newest map; by a
 * day; by so many that a device was not seen for too long.
 */
export type TimeStep = "moment" | "while" | "minute" | "day" | "month";

/** A channel of a user is full for a while: the so-manieth of the map. */
export interface FullStep {
  readonly user: number;
  readonly which: number;
}

export type WorldStep = { readonly time: TimeStep } | { readonly full: FullStep };

export interface DevicePlan {
  readonly users: readonly UserKind[];
  /** What clients do first, one after the other and without any trouble. */
  readonly before: readonly BeforeStep[];
  readonly clients: readonly ClientPlan[];
  readonly world: readonly WorldStep[];
  /**
   * How many more commands a call makes in one go when it has its turn: the first number for the first turn, and so on, from the
   * start again after the last one. Empty: none.
   */
  readonly bursts: readonly number[];
  readonly bounds: DeviceBounds;
}

export interface BeforeStep {
  readonly client: number;
  readonly act: Act;
  /** A minute passes after it. */
  readonly rest: boolean;
}

/** Bounds of the system that are small here, so that a short run comes to them. */
export interface DeviceBounds {
  readonly most: number;
  readonly mostWithEnding: number;
  readonly handOverMessages: number;
}
