/** A sender that does what its protocol and its library recommend. */
export interface Sender {
  /** Resolves when the server has said that it has the message. Tries again until then. */
  send(content: string): Promise<void>;
  close(): Promise<void>;
}
