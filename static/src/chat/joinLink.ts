import { signal } from "@preact/signals";
import { isGroupName } from "../../../lib/contract/visible.ts";
import { attempt } from "../storage/safely.ts";

/** An invitation to a group, as a link bears it: behind the `#`, which a browser sends to no server. */
export interface JoinLink {
  readonly code: string;
  /** The name that the link gives the group. Anybody may have written it. Empty where no group can have it. */
  readonly name: string;
}

/** In `sessionStorage`: the invitation outlives a reload, a login and a registration, in this tab. */
const KEY = "gotalk.join";

/** The invitation that the person has followed, and neither accepted nor put aside. */
export const invitation = signal<JoinLink | undefined>(undefined);

/** The link that invites to a group. */
export const linkTo = ({ code, name }: JoinLink): string =>
  `${location.origin}${location.pathname}#${new URLSearchParams({ join: code, name })}`;

/** The id of the group that a code lets into. */
export const groupOf = ({ code }: JoinLink): string => code.split(".", 1)[0] ?? "";

/** Forgets the invitation. */
export function putAside(): void {
  invitation.value = undefined;
  attempt(() => sessionStorage.removeItem(KEY));
}

/** Takes the invitation from the page's address, now and when a link is followed later. Call it before all others that read it. */
export function followInvitations(): void {
  invitation.value = readLink(attempt(() => sessionStorage.getItem(KEY)) ?? "");
  take();
  addEventListener("popstate", take);
}

function take(): void {
  const text = location.hash.slice(1);
  const link = readLink(text);
  if (link === undefined) return;
  // A code in the address would be in the history, and come again with each reload.
  history.replaceState(null, "", location.pathname);
  invitation.value = link;
  attempt(() => sessionStorage.setItem(KEY, text));
}

function readLink(text: string): JoinLink | undefined {
  const fields = new URLSearchParams(text);
  const code = fields.get("join");
  const name = fields.get("name") ?? "";
  return code === null ? undefined : { code, name: isGroupName(name) ? name : "" };
}
