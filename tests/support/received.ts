import type { Message, Session, TextMessage } from "../../lib/client/index.ts";

/** Of the user who receives. */
export const session: Session = { token: "secret", id: "me", username: "bob", receipt: "first", expiresAt: "never" };

/** A message from Alice, as a sync or a frame has it. */
export const message = (messageId: string, more: Partial<TextMessage> = {}): Message => ({
  messageId,
  senderId: "alice",
  senderName: "alice",
  content: "Hello",
  sentAt: "then",
  redelivered: false,
  ...more,
});
