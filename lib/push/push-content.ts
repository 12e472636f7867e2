import { hash } from "node:crypto";
import { LIMITS } from "../contract/limits.ts";
import { mentionCandidates, nameIn } from "../contract/mentions.ts";
import type { PushedMessage } from "./push-event.ts";

/** What a notification is about: the group, or the other user. */
export const conversationOf = ({ toId, senderId }: Pick<PushedMessage, "toId" | "senderId">): string =>
  toId ?? senderId;

/** RFC 8030, 5.4: at most 32 characters of base64url. */
const TOPIC_CHARACTERS = 32;

/** With 54 bits two conversations of a user are never taken for one, and 200 of them fit into the session's record. */
const MUTED_CHARACTERS = 9;

const nameOf = (conversation: string): string => hash("sha256", conversation, "base64url");

/**
 * The topic by which push services know a conversation: a browser that was out of reach gets the last notification of each topic. It
 * is a digest, so that they do not learn who talks to whom.
 */
export const topicOf = (conversation: string): string => nameOf(conversation).slice(0, TOPIC_CHARACTERS);

/** What a muted conversation is stored as. */
export const mutedName = (conversation: string): string => nameOf(conversation).slice(0, MUTED_CHARACTERS);

/** The beginning of a text, in whole characters. */
export const beginningOf = (text: string): string =>
  // A character has two code units at most: no more than these need be looked at.
  [...text.slice(0, 2 * LIMITS.push.textCharacters)].slice(0, LIMITS.push.textCharacters).join("");

const LINK = /\bhttps?:\/\/\S+/gi;

/** What may be mentions in a text, each once, without those in links. Only the function `push` knows the users' names. */
export function mentionsIn(text: string): string[] {
  const candidates = Array.from(mentionCandidates(text.replaceAll(LINK, " ")), (candidate) => candidate.text);
  return [...new Set(candidates)].slice(0, LIMITS.push.mentions);
}

/** Whether a message to a group mentions a user. @param username Of a subscription; those of earlier versions have none. */
export const isMentioned = ({ mentions = [] }: PushedMessage, username: string | undefined): boolean =>
  mentions.some((text) => nameIn({ text }, (name) => name === username) !== undefined);

/**
 * What a browser is told, as JSON: `{conversation, senderId, senderName, groupName?, text?, isMention?, sentAt}`.
 *
 * @param showText Whether the user wants to see the text of messages in notifications.
 * @param isMention Whether it mentions the user: the browser shows it though the group is muted.
 */
export function contentOf(message: PushedMessage, showText: boolean, isMention: boolean): string {
  const { senderId, senderName, toName, sentAt } = message;
  const known = {
    conversation: conversationOf(message),
    ...{ senderId, senderName, groupName: toName, sentAt },
    ...(isMention && { isMention }),
  };
  const content = JSON.stringify({ ...known, ...(showText && { text: message.text }) });
  return Buffer.byteLength(content) <= LIMITS.push.contentBytes ? content : JSON.stringify(known);
}
