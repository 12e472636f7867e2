import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { atEnd } from "../support/at-end.ts";
import { notePrinted } from "../support/suite-output.ts";

const BOOTSTRAP = fileURLToPath(new URL("bootstrap.ts", import.meta.url));
const TIME_MS = 30_000;

/** A deployed function that runs. */
export interface RunningFunction {
  /** @throws {Error} The function could not be loaded, or threw. */
  invoke(event: unknown): Promise<unknown>;
  /** What it has printed so far. */
  output(): string;
  stop(): Promise<void>;
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly outcome: PromiseWithResolvers<unknown>;
}

interface Options {
  /** Where its package was unpacked. */
  readonly folder: string;
  /** As in its template: `functions/send.handler`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts a function behind Lambda's runtime API, in a process that has its environment and no other. */
export async function startFunction({ folder, handler, environment }: Options): Promise<RunningFunction> {
  const waiting: Invocation[] = [];
  const begun = new Map<string, Invocation>();
  const idle: ServerResponse[] = [];
  let broken: Error | undefined;

  const handOut = (): void => {
    while (waiting.length > 0 && idle.length > 0) {
      const [invocation, response] = [waiting.shift() as Invocation, idle.shift() as ServerResponse];
      begun.set(invocation.id, invocation);
      response.writeHead(200, {
        "lambda-runtime-aws-request-id": invocation.id,
        "lambda-runtime-deadline-ms": String(Date.now() + TIME_MS),
        "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-central-1:123456789012:function:gotalk",
      });
      response.end(JSON.stringify(invocation.event));
    }
  };
  const fail = (error: Error): void => {
    broken = error;
    for (const { outcome } of [...waiting, ...begun.values()]) outcome.reject(error);
  };

  const server = createServer(async (request, response) => {
    const [, id = "", what] =
      /\/runtime\/(?:invocation\/([^/]+)\/)?(next|response|error)$/.exec(request.url ?? "") ?? [];
    if (request.url?.endsWith("/invocation/next")) {
      idle.push(response);
      return handOut();
    }
    const body = (await json(request)) as { errorMessage?: string };
    response.writeHead(202).end();
    const invocation = begun.get(id);
    if (what === "response") invocation?.outcome.resolve(body);
    else if (invocation) invocation.outcome.reject(new Error(body.errorMessage));
    else fail(new Error(`the function cannot be loaded: ${body.errorMessage}`));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const child = spawn(process.execPath, [BOOTSTRAP], {
    env: {
      ...environment,
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: folder,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = collect(child, () => fail(new Error(`the function ended:\n${output()}`)));
  const leaveAlone = atEnd(() => child.kill("SIGKILL"));

  return {
    output,
    invoke: (event) => {
      if (broken) return Promise.reject(broken);
      const outcome = Promise.withResolvers<unknown>();
      waiting.push({ id: randomUUID(), event, outcome });
      handOut();
      return outcome.promise;
    },
    stop: async () => {
      leaveAlone();
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      server.closeAllConnections();
      server.close();
    },
  };
}

function collect(child: ChildProcess, onEnd: () => void): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      notePrinted(chunk);
    });
  }
  child.on("exit", onEnd);
  return () => text;
}
