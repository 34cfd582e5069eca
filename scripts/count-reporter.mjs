/**
 * Prints the run's last line, `N passed, N failed, N skipped`, and makes a run in which nothing passed fail.
 *
 * Whatever fails without being a test (a file that does not load, an unhandled rejection, an error while the run is torn
 * down) counts as one failure, so that the line never reads "0 failed" next to a non-zero exit code. The line is written
 * when the process exits, after every other reporter.
 */
export default class CountReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const testModule of testModules) {
      count.failed += testModule.errors().length;
      for (const suite of testModule.children.allSuites()) count.failed += suite.errors().length;
      for (const test of testModule.children.allTests()) {
        const state = test.result().state;
        count[state === 'pending' ? 'skipped' : state] += 1;
      }
    }
    count.failed += unhandledErrors.length;
    if (count.passed === 0 || count.failed > 0) process.exitCode = 1;
    process.once('exit', () => {
      process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
    });
  }
}
