import type { TabLocks } from "../../src/client/platform.ts";

/**
 * Web Locks of one browser: one holder at a time, first come first served; a tab that closes lets
 * go of what it has or waits for.
 */
export class BrowserLocks {
	readonly #queues = new Map<string, Promise<unknown>>();

	/** The locks as one tab sees them. @param closed Resolves when the tab closes. */
	of(closed: Promise<void>): TabLocks {
		return {
			request: (name, _options, held) => {
				const before = this.#queues.get(name) ?? Promise.resolve();
				let isClosed = false;
				void closed.then(() => {
					isClosed = true;
				});
				const turn = before.then(() => (isClosed ? undefined : Promise.race([held({}), closed])));
				this.#queues.set(
					name,
					turn.catch(() => {}),
				);
				return turn;
			},
		};
	}
}
