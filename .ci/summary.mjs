// Closes the runs with what failed, and one plain line, which needs no knowledge of the test runner to read.
import { readFileSync } from "node:fs";

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")));
const failed = reports
  .flatMap(({ testResults }) => testResults)
  .flatMap(({ name, message, status, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === "failed");
    if (tests.length === 0 && status === "failed") return [`${name}\n${message}`];
    return tests.map(({ fullName, failureMessages }) => `${name} > ${fullName}\n${failureMessages.join("\n")}`);
  });
for (const one of failed) console.log(`FAILED ${one.slice(0, 2_000)}\n`);
const sum = (name) => reports.reduce((total, report) => total + report[name], 0);
console.log(`${sum("numPassedTests")} passed, ${sum("numFailedTests")} failed, ${sum("numPendingTests")} skipped`);
