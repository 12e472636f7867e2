/** The form of a user's id: a UUID. */
export const USER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The form of a message's id: a UUIDv7. */
export const MESSAGE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The form of what a client makes up at random, so that the server knows a repeat of its request. */
export const CLIENT_KEY = /^[A-Za-z0-9_-]{16,64}$/;
