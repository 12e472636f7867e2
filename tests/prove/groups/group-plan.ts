import type { Act, CallPlan, DeviceBounds, FullStep, TimeStep } from "../devices/plan.ts";

/** Whose group: each user makes one at most. */
interface OfGroup {
  readonly group: number;
  readonly tries: readonly CallPlan[];
}

/** What a member, or somebody else, does next with a group. Users are named by their numbers. */
export type GroupAct =
  /** Of the own group. */
  | { readonly kind: "make"; readonly members: readonly number[]; readonly tries: readonly CallPlan[] }
  | ({ readonly kind: "write"; readonly message: number } & OfGroup)
  | ({ readonly kind: "rename"; readonly name: number } & OfGroup)
  | ({ readonly kind: "put"; readonly user: number; readonly admin: boolean | undefined } & OfGroup)
  | ({ readonly kind: "take"; readonly user: number } & OfGroup)
  | ({ readonly kind: "leave" } & OfGroup)
  | ({ readonly kind: "invite" } & OfGroup)
  /** By a code that somebody was given: the last one, or the one before it, and so on. */
  | ({ readonly kind: "join"; readonly back: number } & OfGroup)
  | ({ readonly kind: "show" } & OfGroup)
  | { readonly kind: "list"; readonly tries: readonly CallPlan[] }
  | { readonly kind: "block"; readonly user: number; readonly tries: readonly CallPlan[] }
  | { readonly kind: "deleteAccount"; readonly tries: readonly CallPlan[] };

export interface MemberPlan {
  /** Whose client it is. */
  readonly user: number;
  readonly acts: readonly (Act | GroupAct)[];
}

export interface CalmStep {
  readonly client: number;
  readonly act: Act | GroupAct;
}

export interface GroupPlan {
  readonly users: number;
  /** What clients do first, one after the other and without any trouble. */
  readonly before: readonly CalmStep[];
  /** As many as log in before that. */
  readonly clients: readonly MemberPlan[];
  readonly world: readonly ({ readonly time: TimeStep } | { readonly full: FullStep })[];
  /** As in `DevicePlan`. */
  readonly bursts: readonly number[];
  readonly bounds: GroupBounds;
}

/** Bounds of the system that are small here, so that a short run comes to them. */
export interface GroupBounds {
  readonly devices: DeviceBounds;
  readonly groups: { readonly members: number; readonly untold: number };
}
