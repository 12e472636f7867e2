import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Short files whose tests take long. Vitest begins with the files that took longest, and where it has run none yet with the
 * largest. These would be left for the end, and the processor would wait for one after the other.
 */
const LONG = [
  "functions/contract",
  "functions/push",
  "live/live",
  "prove/interleavings",
  "prove/devices/devices",
  "fuzz/events",
  "page/connection",
  "page/delivery",
  "lib/channel/channel-bound",
  "lib/accounts/accounts-lockout",
  "deploy/commands.long",
  "page/engines.long",
  "deploy/package.long",
  "prove/devices/devices.long",
  "prove/groups/groups.long",
  "page/history-many.long",
  "http/contract.long",
  "readme-terminal.long",
  "deploy/settings.long",
  "fuzz/http.long",
  "stack/page-build.long",
].map((name) => `/tests/${name}.test.ts`);

const isLong = ({ moduleId }: TestSpecification): boolean => LONG.some((end) => moduleId.endsWith(end));

/**
 * The order of the test files: what takes long comes first, so that all processes end at about the same time. Files that share
 * a process come last, as the shortest of them are over at once: with each file of the other kind a process starts.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const byProject = [...Map.groupBy(sorted, ({ project }) => project)]
      .sort(([one], [other]) => Number(other.config.isolate) - Number(one.config.isolate))
      .map(([, files]) => files);
    return byProject.flatMap((own) => [...own.filter(isLong), ...own.filter((file) => !isLong(file))]);
  }
}
