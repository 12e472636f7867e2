import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { METRICS } from "../../lib/runtime/metrics.ts";
import type { Json, Packaged } from "./packaged.ts";
import { ofType } from "./template.ts";

const PERIOD_SECONDS = 300;

/** By its name: above which value it rings, for how many periods on end, and of what statistic of its metrics. */
const RINGS: Readonly<Record<string, [threshold: number, periods: number, statistic: string]>> = {
  "function-errors": [0, 1, "Sum"],
  "function-throttles": [0, 1, "Sum"],
  "5xx": [1, 2, "Sum"],
  "latency-p99": [3_000, 3, "p99"],
  "live-errors": [5, 2, "Sum"],
  "redelivery-age": [3_600_000, 3, "Maximum"],
};

/** What is watched: that each alarm and chart looks at something that is there. */
export function alarmTests(packaged: () => Packaged, names: readonly string[]): void {
  const alarms = (): Json[] => ofType(packaged(), "AWS::CloudWatch::Alarm").map(([, { Properties }]) => Properties);

  /** The metrics of an alarm, one by itself or those of an expression. */
  const metricsOf = (alarm: Json): Json[] =>
    alarm.Metrics ? alarm.Metrics.flatMap(({ MetricStat }: Json) => MetricStat?.Metric ?? []) : [alarm];

  describe("the alarms", () => {
    it("look at errors, throttles, 5xx, p99, the WebSocket API and redeliveries, by resources of this stack", () => {
      const watched = alarms()
        .flatMap(metricsOf)
        .map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`);
      expect(new Set(watched)).toEqual(
        new Set([
          "AWS/Lambda Errors",
          "AWS/Lambda Throttles",
          "AWS/ApiGateway 5xx",
          "AWS/ApiGateway Count",
          "AWS/ApiGateway Latency",
          "AWS/ApiGateway IntegrationError",
          `goTalk ${"RedeliveryAge" satisfies keyof typeof METRICS}`,
        ]),
      );
      const references = alarms()
        .flatMap(metricsOf)
        .flatMap(({ Dimensions = [] }) => Dimensions.map(({ Value }: Json) => Value.Ref ?? Value));
      const known = [...Object.keys(packaged().template.Resources), "live", "gotalk-dev"];
      expect(references.filter((reference) => !known.includes(reference))).toEqual([]);
    });

    it("ring when the table in docs/operating.md says", () => {
      const table = readFileSync(new URL("../../docs/operating.md", import.meta.url), "utf8");
      const rings = alarms().map((alarm) => {
        const name: string = alarm.AlarmName.replace("gotalk-dev-", "");
        expect(table).toContain(`| \`${name}\` |`);
        expect(alarm.ComparisonOperator).toBe("GreaterThanThreshold");
        const watched: Json[] = alarm.Metrics ? alarm.Metrics.flatMap((part: Json) => part.MetricStat ?? []) : [alarm];
        for (const { Period } of watched) expect(Period).toBe(PERIOD_SECONDS);
        const statistics = watched.map(
          ({ Stat, Statistic, ExtendedStatistic }) => Stat ?? Statistic ?? ExtendedStatistic,
        );
        return [name, [alarm.Threshold, alarm.EvaluationPeriods, [...new Set(statistics)].join()]];
      });
      expect(Object.fromEntries(rings)).toEqual(RINGS);
    });

    it("ask for a share of 5xx, and at least 5", () => {
      const alarm = alarms().find(({ AlarmName }) => AlarmName.endsWith("5xx"));
      expect(alarm.Metrics.find(({ Id }: Json) => Id === "rate").Expression).toBe(
        "IF(errors >= 5, 100 * errors / requests, 0)",
      );
    });

    // What `files` and `fallback` fail at is a 5xx; and what `push` fails at is one, or a notification that nobody gets: no message is lost.
    it("add up the errors of every function that does something with messages or accounts", () => {
      const alarm = alarms().find((entry) => metricsOf(entry).every(({ MetricName }) => MetricName === "Errors"));
      const functions = metricsOf(alarm).map(({ Dimensions }) => Dimensions[0].Value.Ref);
      const busy = names.filter((name) => name !== "fallback" && name !== "files" && name !== "push");
      expect(functions.toSorted()).toEqual(
        busy.map((name) => `${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`).toSorted(),
      );
    });

    // https://aws.amazon.com/cloudwatch/pricing/: an alarm is paid by the metrics that it looks at, ten of them are free.
    it("look at no more metrics than cost nothing", () => {
      expect(alarms().flatMap(metricsOf).length).toBeLessThanOrEqual(10);
    });

    it("tell somebody, when they ring and when it is over, and are quiet when nobody uses goTalk", () => {
      expect(alarms().length).toBeGreaterThanOrEqual(6);
      for (const { AlarmActions, OKActions, TreatMissingData, AlarmDescription } of alarms()) {
        expect(AlarmActions["Fn::If"][1]).toEqual([{ Ref: "AlarmTopicArn" }]);
        expect(OKActions).toEqual(AlarmActions);
        expect(TreatMissingData).toBe("notBreaching");
        expect(AlarmDescription).toContain("docs/operating.md");
      }
    });

    it("are beside a dashboard of this region, whose text is what CloudWatch takes", () => {
      const [[, dashboard] = [undefined, undefined]] = ofType(packaged(), "AWS::CloudWatch::Dashboard");
      // An account has one list of them for all its regions.
      expect(dashboard?.Properties.DashboardName).toBe("gotalk-dev-eu-central-1");
      expect(packaged().template.Outputs["DashboardUrl"]?.Value["Fn::Sub"]).toMatch(
        /#dashboards\/dashboard\/gotalk-dev-eu-central-1$/,
      );
      const { widgets } = JSON.parse(dashboard?.Properties.DashboardBody["Fn::If"][1]["Fn::Sub"]);
      expect(widgets.length).toBeGreaterThan(8);
      const functions = new Set(names.map((name) => packaged().functions[name].FunctionName));
      const metrics = widgets.flatMap(({ properties }: Json) => properties.metrics);
      // https://aws.amazon.com/cloudwatch/pricing/: a dashboard of as many costs nothing.
      expect(metrics.length).toBeLessThanOrEqual(50);
      for (const [namespace, metric, dimension, value] of metrics) {
        if (namespace === "AWS/Lambda") expect(functions).toContain(value);
        if (namespace !== "goTalk") continue;
        expect(METRICS).toHaveProperty(metric);
        expect([dimension, value]).toEqual(["service", "gotalk-dev"]);
      }
    });
  });
}
