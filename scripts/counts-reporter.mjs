import { writeFileSync } from "node:fs";

/**
 * Writes how many tests passed, failed and were skipped to the file that `PORTCULLIS_TEST_COUNTS`
 * names.
 */
export default class CountsReporter {
	/**
	 * A file that fails outside its tests, by an import or a hook, and an error that no test caught
	 * count as one failure each: otherwise they would be a failed run with "0 failed".
	 *
	 * @param {ReadonlyArray<import("vitest/node").TestModule>} modules
	 * @param {ReadonlyArray<unknown>} unhandledErrors
	 */
	onTestRunEnd(modules, unhandledErrors) {
		const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
		for (const module of modules) {
			let failedTests = 0;
			for (const test of module.children.allTests()) {
				const { state } = test.result();
				if (state === "passed") counts.passed++;
				else if (state === "failed") failedTests++;
				else counts.skipped++;
			}
			counts.failed += module.state() === "failed" ? Math.max(failedTests, 1) : failedTests;
		}
		const file = process.env.PORTCULLIS_TEST_COUNTS;
		if (file) writeFileSync(file, JSON.stringify(counts));
	}
}
