import type { Prompts } from "./connect/prompts.ts";

/** What a command reads and writes, so that a test can stand in for the terminal. */
export interface Terminal {
	/** Writes to the standard output; no newline is added. */
	out(text: string): void;
	/** Writes to the standard error; no newline is added. */
	err(text: string): void;
	/**
	 * All of the standard input, once it has ended; empty if it is a terminal. Default: there is
	 * none.
	 */
	in?(): Promise<string>;
	/** True if the standard output shows colours. Default false. */
	readonly hasColours?: boolean;
	/**
	 * True if a person is there to be asked: standard input and output are both a terminal. Default
	 * false.
	 */
	readonly isInteractive?: boolean;
	/** Stands in for that person. */
	readonly prompts?: Prompts;
	/** Fires when the person has had enough (Ctrl-C, SIGTERM). */
	readonly signal: AbortSignal;
}
