import type { ChildProcess } from "node:child_process";

/**
 * Fails the test run if a process ends that was not told to, as one does by an unhandled rejection.
 * A test that only looks at answers would not notice when the process ends after the last of them.
 *
 * @param isWanted False as soon as the test has told it to end.
 * @param log What it wrote.
 */
export function failIfItEnds(
	child: ChildProcess,
	isWanted: () => boolean,
	log: () => string,
): void {
	child.on("close", (code, signal) => {
		// In an event handler, so that no test can swallow it.
		if (isWanted()) throw new Error(`A process ended by itself: ${code ?? signal}\n${log()}`);
	});
}
