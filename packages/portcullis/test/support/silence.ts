import { afterAll, afterEach, expect, vi } from "vitest";
import { takeUnexpectedOutput } from "./expect-console.ts";

/**
 * Setup file of the test projects: a test that writes an error or a warning to the console without
 * having said so fails.
 */
afterEach(assertSilence);
// What a hook or a late timer wrote after the last test.
afterAll(assertSilence);
// The next file may run in the same process.
afterAll(() => void vi.useRealTimers());

function assertSilence(): void {
	expect(
		takeUnexpectedOutput(),
		"unexpected output on the console: see expectConsole in test/support/expect-console.ts",
	).toEqual([]);
}
