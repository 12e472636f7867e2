const encoder = new TextEncoder();

/** The size of a text as it is sent: in UTF-8. */
export const byteLength = (text: string): number => encoder.encode(text).length;
