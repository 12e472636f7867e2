/*
 * The dashboard, as JSON in a string, which is how CloudFormation takes it. `${...}` in the text are CloudFormation's own
 * (Fn::Sub); the service and the stage come from serverless.yml.
 */

const WIDTH = 12;
const HEIGHT = 6;
/** Not `files` and `fallback`: what they fail at is a 5xx of the API, and a dashboard of more than 50 metrics costs money. */
const FUNCTIONS = ["send", "sync", "accounts", "live", "push"];

const chart = (title, metrics, options = {}) => ({
  type: "metric",
  width: WIDTH,
  height: HEIGHT,
  properties: { title, metrics, region: "${AWS::Region}", period: 300, stat: "Sum", view: "timeSeries", ...options },
});

/** Two in a row. */
const arranged = (widgets) =>
  widgets.map((widget, index) => ({ ...widget, x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT }));

function widgetsOf(name, edge) {
  const own = (metric, options) => ["goTalk", metric, "service", name, ...(options ? [options] : [])];
  const api = (metric, options) => ["AWS/ApiGateway", metric, "ApiId", "${HttpApi}", ...(options ? [options] : [])];
  const live = (metric) => ["AWS/ApiGateway", metric, "ApiId", "${WebsocketsApi}", "Stage", "live"];
  const lambda = (metric) => FUNCTIONS.map((key) => ["AWS/Lambda", metric, "FunctionName", `${name}-${key}`]);
  const tables = (metric) =>
    ["channels", "accounts"].map((key) => ["AWS/DynamoDB", metric, "TableName", `${name}-${key}`]);
  const cloudFront = (metric) => [
    "AWS/CloudFront",
    metric,
    "DistributionId",
    "${Distribution}",
    "Region",
    "Global",
    { region: "us-east-1" },
  ];
  return arranged([
    chart(
      "Messages",
      ["MessagesReceived", "MessagesDelivered", "MessagesRedelivered", "MessagesSettled"].map((metric) => own(metric)),
    ),
    chart("Oldest message that was handed out again, ms", [own("RedeliveryAge")], { stat: "Maximum" }),
    chart("Requests", [api("Count"), api("4xx"), api("5xx")]),
    chart(
      "Latency of the API, ms",
      ["p50", "p90", "p99"].map((stat) => api("Latency", { stat, label: stat })),
    ),
    chart("Function errors and throttles", [...lambda("Errors"), ...lambda("Throttles")]),
    chart("Duration of functions, p99, ms", lambda("Duration"), { stat: "p99" }),
    chart("Functions that run at once", lambda("ConcurrentExecutions"), { stat: "Maximum" }),
    chart(
      "Wakes, lease expiries, failed logins",
      ["WakeSuccesses", "WakeFailures", "LeaseExpiries", "LoginFailures"].map((metric) => own(metric)),
    ),
    chart(
      "Pushes",
      ["PushSuccesses", "PushFailures"].map((metric) => own(metric)),
    ),
    chart("Connections and frames", [live("ConnectCount"), live("MessageCount"), live("IntegrationError")]),
    chart("DynamoDB units", [...tables("ConsumedReadCapacityUnits"), ...tables("ConsumedWriteCapacityUnits")]),
    chart("DynamoDB throttles", [...tables("ReadThrottleEvents"), ...tables("WriteThrottleEvents")]),
    ...(edge ? [chart("CloudFront", [cloudFront("Requests"), cloudFront("BytesDownloaded")])] : []),
  ]);
}

async function textOf({ resolveVariable }, edge) {
  const service = await resolveVariable("self:service");
  const stage = await resolveVariable("sls:stage");
  return JSON.stringify({ widgets: widgetsOf(`${service}-${stage}`, edge) });
}

/** Called by the framework, when it resolves `serverless.yml`. */
export const body = (framework) => textOf(framework, true);

/** The same for a deployment without CloudFront. */
export const bodyWithoutCloudFront = (framework) => textOf(framework, false);
