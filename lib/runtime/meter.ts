import { Metrics } from "@aws-lambda-powertools/metrics";
import { type Count, METRICS, type Metric } from "./metrics.ts";

/** The metrics of which a request has one value, its largest; all others are sums. */
const LARGEST: ReadonlySet<Metric> = new Set(["RedeliveryAge"]);

/** What an invocation costs, whether or not it did anything. */
const UNITS: ReadonlySet<Metric> = new Set(["ReadUnits", "WriteUnits"]);

/** From so many units on they are worth a line by themselves. */
const UNITS_ALONE = 1_000;

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

  /**
   * To be called once, at the end of each invocation. Prints nothing when nothing was counted but units, as in a sync that
   * finds nothing: a line would cost more than they do. They are kept for the next line. A process that ends takes those
   * with it that it has not printed, `UNITS_ALONE` at most.
   */
  publish(): void {
    if (!this.#isWorthALine()) return;
    for (const [metric, value] of this.#values) this.#metrics.addMetric(metric, METRICS[metric], value);
    this.#values.clear();
    this.#metrics.publishStoredMetrics();
  }

  #isWorthALine(): boolean {
    return [...this.#values].some(([metric, value]) => !UNITS.has(metric) || value >= UNITS_ALONE);
  }
}
