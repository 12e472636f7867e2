import { invalidRequest } from "../runtime/errors.ts";

/**
 * Names that people take for those who run the service, or for the service itself: nobody may register them. The mailbox
 * names of RFC 2142, the roles of an operator, and goTalk's own. A user who has one from before keeps it.
 */
const RESERVED = new Set(
  `abuse admin administrator all anonymous announcement announcements everyone gotalk help helpdesk here hostmaster info
   mailerdaemon moderator nobody noc noreply null official operator owner postmaster privacy root security server service
   staff superuser support sysadmin system team undefined webmaster`.split(/\s+/),
);

/** What may be put around or between the letters of a name without changing how it reads. */
const SEPARATORS = /[._-]/g;

/**
 * @param username In lower case.
 * @throws {GoTalkError} `invalid_request`: The name is reserved, also with separators in it, such as `ad.min`.
 */
export function requireUnreserved(username: string): void {
  if (!RESERVED.has(username.replace(SEPARATORS, ""))) return;
  const detail = "is reserved: choose another one";
  throw invalidRequest(`username ${detail}`, [{ field: "username", detail }]);
}
