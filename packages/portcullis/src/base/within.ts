/**
 * What a promise comes to, or `late` if that takes longer. Rejects as the promise does in time;
 * what it comes to afterwards is not looked at. No timer is left behind.
 *
 * @param milliseconds How long to wait.
 */
export async function within<T, const L>(
	milliseconds: number,
	promise: PromiseLike<T>,
	late: L,
): Promise<T | L> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const timeout = new Promise<L>((resolve) => {
		timer = setTimeout(resolve, milliseconds, late);
	});
	try {
		return await Promise.race([promise, timeout]);
	} finally {
		clearTimeout(timer);
	}
}
