/** A clock that runs, and that can be put forward for gates, identity provider and tabs alike. */
export interface SharedClock {
	/** Seconds that the clock is ahead of this machine's. */
	readonly ahead: number;
	forward(seconds: number): void;
	/** Gives this process its own clock back. */
	restore(): void;
}

/** Puts a clock in the place of `Date.now` of this process. */
export function takeClock(): SharedClock {
	const own = Date.now;
	let ahead = 0;
	Date.now = () => own() + ahead * 1000;
	return {
		get ahead() {
			return ahead;
		},
		forward: (seconds) => {
			ahead += seconds;
		},
		restore: () => {
			Date.now = own;
		},
	};
}
