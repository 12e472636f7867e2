/** The parts of a message that a push may need. `send` hands them over without reading any subscription. */
export interface PushedMessage {
  /** A UUIDv7. */
  readonly messageId: string;
  readonly senderId: string;
  readonly senderName: string;
  /** The group that it was sent to, and its name. Absent: it is a direct one. */
  readonly toId?: string | undefined;
  readonly toName?: string | undefined;
  /** The beginning of a text. Absent for other types: only the receiver knows what may be shown. */
  readonly text?: string | undefined;
  /** What may be mentions in a text to a group, see `mentionCandidates`. */
  readonly mentions?: readonly string[] | undefined;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
}

/** A device that has a push subscription, as the map of devices has it. */
export interface PushTarget {
  readonly userId: string;
  readonly deviceId: string;
  readonly sessionId: string;
  /** The key of its channel. */
  readonly channel: string;
}

/** What the function `push` is invoked with. */
export interface PushEvent {
  readonly push: {
    readonly message: PushedMessage;
    readonly targets: readonly PushTarget[];
    /** How often these targets were put off. */
    readonly tries: number;
  };
}

/** Whether an event comes from goTalk itself, and not from API Gateway. */
export const isPushEvent = (event: object): event is PushEvent => "push" in event && !("requestContext" in event);
