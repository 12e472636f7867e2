import { openSync, writeSync } from "node:fs";
import { devNull } from "node:os";

/** How a line in CloudWatch's embedded metric format begins. */
const METRICS = '{"_aws"';

let bytes = 0;

/** Of all lines of metrics that the functions have printed. */
export const metricsBytes = (): number => bytes;

/** From now on the functions' lines of metrics are written to nowhere, and not between the lines of the benchmark. */
export function divertMetrics(): void {
  const nowhere = openSync(devNull, "w");
  const write = process.stdout.write.bind(process.stdout) as (...parameters: unknown[]) => boolean;
  process.stdout.write = (chunk: unknown, ...others: unknown[]): boolean => {
    if (typeof chunk !== "string" || !chunk.startsWith(METRICS)) return write(chunk, ...others);
    bytes += writeSync(nowhere, chunk);
    return true;
  };
}
