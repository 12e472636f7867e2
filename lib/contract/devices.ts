/** The id of the device of all logins that name none. Every other device's id is random. */
export const SHARED_DEVICE = "shared";
