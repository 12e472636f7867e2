/*
 * A Lambda runtime for Node, as AWS documents what one has to do: it runs in a process of its own, with nothing but the
 * environment of a function, and loads what was deployed.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 *
 * AWS's own (aws-lambda-ric) has to be compiled where it is installed, which needs a C++ compiler, CMake and Autotools.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT = "", _HANDLER = "" } = process.env;
const API = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const dot = _HANDLER.lastIndexOf(".");

const report = (path: string, body: unknown) => fetch(`${API}/${path}`, { method: "POST", body: JSON.stringify(body) });

const described = (error: unknown) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message }
    : { errorType: "Error", errorMessage: String(error) };

async function load(): Promise<(event: unknown, context: unknown) => Promise<unknown>> {
  try {
    const module = await import(pathToFileURL(join(LAMBDA_TASK_ROOT, `${_HANDLER.slice(0, dot)}.mjs`)).href);
    return module[_HANDLER.slice(dot + 1)];
  } catch (error) {
    await report("init/error", described(error));
    process.exit(1);
  }
}

const handler = await load();

for (;;) {
  const next = await fetch(`${API}/invocation/next`);
  const id = next.headers.get("lambda-runtime-aws-request-id") ?? "";
  const deadline = Number(next.headers.get("lambda-runtime-deadline-ms"));
  const context = {
    awsRequestId: id,
    functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"],
    invokedFunctionArn: next.headers.get("lambda-runtime-invoked-function-arn"),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    await report(`invocation/${id}/response`, await handler(await next.json(), context));
  } catch (error) {
    await report(`invocation/${id}/error`, described(error));
  }
}
