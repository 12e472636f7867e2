import * as z from "zod/mini";
import { CLIENT_KEY, MESSAGE_ID } from "../contract/ids.ts";
import { contentFault, GROUP_EVENT, MESSAGE_TYPE } from "../contract/message-type.ts";

/* The parts of a message that its sender chooses. Beyond these checks the server reads none of them. */

export const requiredText = (what: string) =>
  z.string({ error: ({ input }) => (input === undefined ? `is required: ${what}` : `must be a string: ${what}`) });

/** A UUIDv7. Case does not matter. */
export const messageId = z
  .string({ error: "must be a UUIDv7" })
  .check(z.regex(new RegExp(MESSAGE_ID, "i")), z.toLowerCase());

const clientKeyError = "must be 16 to 64 random characters of A-Z a-z 0-9 _ -, the same in each repeat of this request";

/** Random: another request that has the same is taken for a repeat of this one. */
export const clientKey = z.string({ error: clientKeyError }).check(z.regex(CLIENT_KEY, { error: clientKeyError }));

/** A form has it as text. */
export const flag = z.union(
  [
    z.boolean(),
    z.pipe(
      z.enum(["true", "false"]),
      z.transform((text) => text === "true"),
    ),
  ],
  { error: "must be true or false" },
);

const typeError = `must have 1 to 32 characters of a-z 0-9 - / . +, and must not be ${GROUP_EVENT}, which comes from the server alone`;

/** The form of `MESSAGE_TYPE`, and none of the server's own types. As one pattern: the API's document then has it, too. */
const type = z
  .string({ error: typeError })
  .check(z.regex(new RegExp(`^(?!${GROUP_EVENT}$)${MESSAGE_TYPE.source.slice(1)}`)));

export const envelope = {
  content: requiredText("the text of the message").check(
    z.refine((text) => text.isWellFormed(), { error: "must be well-formed Unicode: it holds half a surrogate pair" }),
  ),
  type: z.optional(type),
  about: z.optional(messageId),
  quiet: z.optional(flag),
};

interface Contents {
  readonly content: unknown;
  /** Whatever came. */
  readonly type?: string;
}

/** What is wrong with the content. Undefined if the content is not a text: another rule reports that. */
const faultOf = ({ content, type: named }: Contents): ReturnType<typeof contentFault> =>
  typeof content === "string" ? contentFault(content, named) : undefined;

const refuse = (fault: ReturnType<typeof contentFault>, error: string) =>
  z.refine((fields: unknown) => faultOf(fields as Contents) !== fault, {
    path: ["content"],
    error,
    // Also where other fields have faults: the answer lists all of them.
    when: ({ value }) => typeof value === "object" && value !== null,
  });

/** What a content must have depends on the type of its message. */
export const contentFitsType = [
  refuse("empty", "must not be empty"),
  refuse("blank", "must not consist of invisible characters only"),
];
