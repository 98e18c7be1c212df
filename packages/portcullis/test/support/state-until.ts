/**
 * Waits until a condition holds, by the real clock: also where a test has taken the timers away.
 */
export async function until(holds: () => boolean, milliseconds = 5000): Promise<void> {
	const end = performance.now() + milliseconds;
	while (!holds()) {
		if (performance.now() > end) throw new Error(`Not so within ${milliseconds} ms: ${holds}`);
		await new Promise((resolve) => setImmediate(resolve));
	}
}
