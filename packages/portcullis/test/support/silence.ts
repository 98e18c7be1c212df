import { afterAll, afterEach, expect } from "vitest";
import { takeUnexpectedOutput } from "./expect-console.ts";

/** Setup file of the test projects: a test that writes an error or a warning to the console without having said so fails. */
afterEach(assertSilence);
// What a hook or a late timer wrote after the last test.
afterAll(assertSilence);

function assertSilence(): void {
	expect(
		takeUnexpectedOutput(),
		"unexpected output on the console: see expectConsole in test/support/expect-console.ts",
	).toEqual([]);
}
