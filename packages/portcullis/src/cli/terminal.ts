/** What a command reads and writes, so that a test can stand in for the terminal. */
export interface Terminal {
	/** Writes to the standard output; no newline is added. */
	out(text: string): void;
	/** Writes to the standard error; no newline is added. */
	err(text: string): void;
	/** All of the standard input, once it has ended; empty if it is a terminal. Default: there is none. */
	in?(): Promise<string>;
	/** True if the standard output shows colours. Default false. */
	readonly hasColours?: boolean;
	/** Fires when the person has had enough (Ctrl-C, SIGTERM). */
	readonly signal: AbortSignal;
}
