/** Functions to call when something has changed. */
export interface Listeners {
	/** Returns how to stop. */
	readonly subscribe: (listener: () => void) => () => void;
	readonly tell: () => void;
}

export function createListeners(): Listeners {
	const all = new Set<() => void>();
	return {
		subscribe: (listener) => {
			all.add(listener);
			return () => all.delete(listener);
		},
		// Some stop while they are told.
		tell: () => {
			for (const listener of [...all]) listener();
		},
	};
}
