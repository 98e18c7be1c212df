import type { ErrorCode } from "../base/errors.ts";

/** One thing that an operator should know. Never holds a token, code, cookie, verifier, secret or a person's claims. */
export interface LogEntry {
	readonly level: "error" | "warning";
	readonly code: ErrorCode;
	readonly message: string;
	/** Error id: the person was shown the same one. */
	readonly id?: string;
	readonly provider?: string;
	/** A finer reason within the code. */
	readonly reason?: string;
	/** The error underneath. */
	readonly cause?: unknown;
}

/** Where log entries go. What it returns is not awaited, and what it throws is dropped. */
export type Log = (entry: LogEntry) => void;

/** A log that cannot throw: what becomes of a request must never hang on a full disk. */
export function safeLog(log: Log): Log {
	return (entry) => {
		try {
			log(entry);
		} catch {
			// There is nowhere left to say it.
		}
	};
}

/** Writes one line an entry to the console: `portcullis error [txid=...] provider_unreachable okta: ...`. */
export const consoleLog: Log = (entry) => {
	const line = formatLogEntry(entry);
	if (entry.level === "error") console.error(line);
	else console.warn(line);
};

/** The line that `consoleLog` writes. Line breaks are taken out: a message may quote what a provider or caller sent. */
export function formatLogEntry({ level, code, message, id, provider, reason, cause }: LogEntry): string {
	const parts = [`portcullis ${level}`];
	if (id) parts.push(`[txid=${id}]`);
	parts.push(code);
	if (provider) parts.push(`provider=${provider}`);
	if (reason) parts.push(`reason=${reason}`);
	return `${parts.join(" ")}: ${oneLine(message)}${causes(cause)}`;
}

function causes(cause: unknown, depth = 0): string {
	if (!(cause instanceof Error) || depth > 3) return "";
	return ` <- ${oneLine(`${cause.name}: ${cause.message}`)}${causes(cause.cause, depth + 1)}`;
}

function oneLine(text: string): string {
	return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").slice(0, 1000);
}
