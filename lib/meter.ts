import { Metrics } from "@aws-lambda-powertools/metrics";
import { type Count, METRICS, type Metric } from "./metrics.ts";

/** The metrics of which a request has one value, its largest; all others are sums. */
const LARGEST: ReadonlySet<Metric> = new Set(["RedeliveryAge"]);

/**
 * Counts what one invocation does, and prints it as one line in CloudWatch's embedded metric format: a metric costs no
 * call. Namespace, service and whether anything is printed come from Powertools' own environment variables.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export class Meter {
  readonly #metrics = new Metrics();
  readonly #values = new Map<Metric, number>();

  readonly count: Count = (metric, value = 1) => {
    if (value <= 0) return;
    const before = this.#values.get(metric) ?? 0;
    this.#values.set(metric, LARGEST.has(metric) ? Math.max(before, value) : before + value);
  };

  /** To be called once, at the end of each invocation. Prints nothing when nothing was counted. */
  publish(): void {
    if (this.#values.size === 0) return;
    for (const [metric, value] of this.#values) this.#metrics.addMetric(metric, METRICS[metric], value);
    this.#values.clear();
    this.#metrics.publishStoredMetrics();
  }
}
