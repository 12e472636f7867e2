import { signal } from "@preact/signals";
import { isGroupName } from "../../../lib/contract/visible.ts";
import { attempt } from "../storage/safely.ts";

/** An invitation to a group, as a link bears it: behind the `#`, which a browser sends to no server. */
export interface JoinLink {
  readonly code: string;
  /** The name that the link gives the group. Anybody may have written it. Empty where no group can have it. */
  readonly name: string;
}

/** In `sessionStorage`: what a link brings outlives a reload, a login and a registration, in this tab. */
const KEY = "gotalk.join";

/** The invitation that the person has followed, and neither accepted nor put aside. */
export const invitation = signal<JoinLink | undefined>(undefined);

/** The code of another device's history, from the link of that device, until the person has used it or put it aside. */
export const historyCode = signal<string | undefined>(undefined);

/** The name of the user whose history it is, as the link says. Anybody may have written it. */
export const historyOwner = signal<string | undefined>(undefined);

/** The link that invites to a group. */
export const linkTo = ({ code, name }: JoinLink): string =>
  `${location.origin}${location.pathname}#${new URLSearchParams({ join: code, name })}`;

/** The id of the group that a code lets into. */
export const groupOf = ({ code }: JoinLink): string => code.split(".", 1)[0] ?? "";

/** What the links bear, by their kinds. */
const FIELDS = { join: ["join", "name"], history: ["history", "user"] } as const;

/** Forgets what a link of this kind has brought. What one of the other kind has brought stays. */
export function putAside(kind: keyof typeof FIELDS): void {
  const fields = without(kind);
  if (fields.size > 0) attempt(() => sessionStorage.setItem(KEY, String(fields)));
  else attempt(() => sessionStorage.removeItem(KEY));
  show(fields);
}

/**
 * Takes an invitation or the code of a history from the page's address, now and when a link is followed later. Call it before all others
 * that read it.
 */
export function followLinks(): void {
  show(kept());
  readAddress();
  addEventListener("popstate", readAddress);
}

function readAddress(): void {
  const brought = new URLSearchParams(location.hash.slice(1));
  const kind = (["join", "history"] as const).find((name) => brought.has(name));
  if (kind === undefined) return;
  const fields = without(kind);
  for (const name of FIELDS[kind]) fields.set(name, brought.get(name) ?? "");
  show(fields);
  // A code in the address would be in the history, and come again with each reload.
  history.replaceState(null, "", location.pathname);
  attempt(() => sessionStorage.setItem(KEY, String(fields)));
}

/** What the links of this tab have brought. */
const kept = (): URLSearchParams => new URLSearchParams(attempt(() => sessionStorage.getItem(KEY)) ?? "");

function without(kind: keyof typeof FIELDS): URLSearchParams {
  const fields = kept();
  for (const name of FIELDS[kind]) fields.delete(name);
  return fields;
}

function show(fields: URLSearchParams): void {
  const code = fields.get("join");
  const name = fields.get("name") ?? "";
  historyOwner.value = fields.get("user") ?? undefined;
  historyCode.value = fields.get("history") ?? undefined;
  invitation.value = code === null ? undefined : { code, name: isGroupName(name) ? name : "" };
}
