/*
 * What both ends of the wire know of files. A file is encrypted by its sender and goes around the functions: the API hands out
 * presigned URLs of a store, which has ciphertext only. A message of the type `file` says which one it is, and how to open it.
 */

/** The type of messages whose content, as JSON, describes a file. */
export const FILE_TYPE = "file";

/** The largest file, before it is encrypted, in bytes: 25 MiB. An operator sets another bound by `FILE_BYTES`. */
export const FILE_BYTES = 26_214_400;

/** How much of a file is encrypted at once, in bytes. */
export const SEGMENT_BYTES = 1_048_576;

/** What AES-GCM adds to each segment, in bytes. */
export const TAG_BYTES = 16;

/**
 * The size of a file once it is encrypted, in bytes. An empty file has one empty segment.
 *
 * @param bytes Of the file itself.
 */
export const sealedBytes = (bytes: number, segmentBytes = SEGMENT_BYTES): number =>
  bytes + TAG_BYTES * Math.max(1, Math.ceil(bytes / segmentBytes));

/** The form of a file's id: 128 random bits, which nobody can guess. */
export const FILE_ID = /^[A-Za-z0-9_-]{22}$/;

/** SHA-256 in base64, as S3 takes and writes it. The last character holds four bits. */
export const SHA256 = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
