import { isServerError, isThrottlingError, isTransientError } from "@smithy/core/retry";

const NETWORK_FAULTS = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT"]);

/**
 * Whether a service of AWS was throttled, slow or out of reach, so that the same call may succeed a moment later. After such a failure
 * it is unknown whether the call had its effect.
 *
 * @param error Of the SDK's kind: `$metadata` has the status of an answer.
 */
export function isTransient(error: Error & { code?: unknown }): boolean {
  const sdkError = error as Parameters<typeof isTransientError>[0];
  return (
    isThrottlingError(sdkError) ||
    isTransientError(sdkError) ||
    isServerError(sdkError) ||
    (typeof error.code === "string" && NETWORK_FAULTS.has(error.code))
  );
}
