import type { AnyErrorCode } from "../base/errors.ts";
import { oneLine, oneWord } from "../base/one-line.ts";
import { Repeats } from "../base/repeats.ts";

/**
 * One thing that an operator should know. Never holds a token, code, cookie, verifier, secret or a
 * person's claims.
 */
export interface LogEntry {
	readonly level: "error" | "warning";
	readonly code: AnyErrorCode;
	readonly message: string;
	/** Error id: the person was shown the same one. */
	readonly id?: string;
	readonly provider?: string;
	/** A finer reason within the code. */
	readonly reason?: string;
	/** The error underneath. */
	readonly cause?: unknown;
}

/**
 * Where log entries go. What it returns is not awaited, and what it throws is dropped.
 *
 * Every text of an entry, and the messages of its causes, are one line of bounded length that hides
 * nothing.
 */
export type Log = (entry: LogEntry) => void;

/**
 * Writes an entry, unless there were many like it a moment ago.
 *
 * @param network Where the request came from. Each network has a share of its own, so that a
 *   stranger who uses up their share suppresses no line about another network.
 * @returns The id of the line that tells of it: its own, or that of the last one like it.
 *   `undefined` if there is none.
 */
export type LineWriter = (entry: LogEntry, network?: string) => string | undefined;

/**
 * Lines of one code and reason, for one network: so many at once, then one in so many milliseconds.
 */
const BURST = 10;
const INTERVAL = 60_000;
/**
 * Lines of one code altogether, for a stranger with many networks: about one a second is no flood.
 */
const CODE_BURST = 200;
const CODE_INTERVAL = 1000;
/** Longest message, which leaves room for a note behind it. Characters. */
const MAX_MESSAGE = 950;
/** Longest name in a line. Characters. */
const MAX_WORD = 200;
const MAX_CAUSES = 4;
/** Ids of lines that are remembered. */
const MAX_IDS = 2000;

/**
 * A log that cannot throw, that a stranger cannot fill, and in which no input can make up lines:
 * what becomes of a request must never depend on a full disk.
 *
 * @param now Milliseconds since the epoch.
 */
export function createLog(log: Log, now: () => number): LineWriter {
	const lines = new Repeats(BURST, INTERVAL, now);
	const codes = new Repeats(CODE_BURST, CODE_INTERVAL, now);
	const ids = new Map<string, string>();

	return (given, network) => {
		try {
			const entry = cleanEntry(given);
			const { code, reason = "", id, message } = entry;
			// What has no network is the app's own, and there are only so many different messages.
			const like = `${code} ${reason} ${network ?? `: ${message}`}`;
			const keptBack = lines.take(like);
			const keptBackOfCode = keptBack === undefined ? undefined : codes.take(code);
			if (keptBack === undefined || keptBackOfCode === undefined) return ids.get(like);
			const more = keptBack + keptBackOfCode;
			if (id !== undefined) remember(ids, like, id);
			log(more === 0 ? entry : { ...entry, message: `${message} (and ${more} more like this)` });
			return id;
		} catch {
			// There is nowhere left to say it.
			return undefined;
		}
	};
}

/**
 * Writes one line an entry to the console: `portcullis error [txid=...] provider_unreachable
 * provider=okta: ...`.
 */
export const consoleLog: Log = (entry) => {
	const line = formatLogEntry(entry);
	if (entry.level === "error") console.error(line);
	else console.warn(line);
};

/** The line that `consoleLog` writes: fields of one word each, then the message. */
export function formatLogEntry({
	level,
	code,
	message,
	id,
	provider,
	reason,
	cause,
}: LogEntry): string {
	const parts = [`portcullis ${oneWord(level)}`];
	if (id) parts.push(`[txid=${oneWord(id)}]`);
	parts.push(oneWord(code));
	if (provider) parts.push(`provider=${oneWord(provider)}`);
	if (reason) parts.push(`reason=${oneWord(reason)}`);
	return `${parts.join(" ")}: ${oneLine(message)}${causes(cause)}`;
}

function causes(cause: unknown, depth = 0): string {
	if (!(cause instanceof Error) || depth >= MAX_CAUSES) return "";
	return ` <- ${oneLine(`${cause.name}: ${cause.message}`)}${causes(cause.cause, depth + 1)}`;
}

function cleanEntry({ level, code, message, id, provider, reason, cause }: LogEntry): LogEntry {
	return {
		level: level === "warning" ? level : "error",
		code: oneLine(code, MAX_WORD) as AnyErrorCode,
		message: oneLine(message, MAX_MESSAGE),
		...(id === undefined ? {} : { id: oneLine(id, MAX_WORD) }),
		...(provider === undefined ? {} : { provider: oneLine(provider, MAX_WORD) }),
		...(reason === undefined ? {} : { reason: oneLine(reason, MAX_WORD) }),
		...(cause === undefined ? {} : { cause: cleanCause(cause) }),
	};
}

/**
 * The cause itself, or a copy with clean texts where it has one that is not one line, or hides
 * something.
 */
function cleanCause(cause: unknown, depth = 0): unknown {
	if (typeof cause === "string") return oneLine(cause);
	if (!(cause instanceof Error) || depth >= MAX_CAUSES)
		return depth < MAX_CAUSES ? cause : undefined;
	const name = oneLine(String(cause.name));
	const message = oneLine(String(cause.message));
	const under = cleanCause(cause.cause, depth + 1);
	if (name === cause.name && message === cause.message && under === cause.cause) return cause;
	const copy = new Error(message, under === undefined ? undefined : { cause: under });
	Object.setPrototypeOf(copy, Object.getPrototypeOf(cause));
	for (const [key, value] of Object.entries(cause))
		if (key !== "message" && key !== "cause" && key !== "stack")
			Object.assign(copy, { [key]: value });
	const frames = (cause.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
	for (const [key, value] of [
		["name", name],
		["message", message],
		["stack", [`${name}: ${message}`, ...frames].join("\n")],
	])
		Object.defineProperty(copy, key as string, { value, configurable: true, writable: true });
	return copy;
}

function remember(ids: Map<string, string>, like: string, id: string): void {
	ids.delete(like);
	ids.set(like, id);
	const [oldest] = ids.keys();
	if (ids.size > MAX_IDS && oldest !== undefined) ids.delete(oldest);
}

/** Names one line of the log, and what a person is told about it: 12 random characters. */
export function createErrorId(): string {
	return crypto.randomUUID().replaceAll("-", "").slice(0, 12);
}
