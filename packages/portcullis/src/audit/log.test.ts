import { expect, it } from "vitest";
import { createLog, formatLogEntry, type LogEntry } from "./log.ts";

it("writes one line with the error id first, causes last", () => {
	const cause = new Error("outer", { cause: new TypeError("inner") });
	const line = formatLogEntry({
		level: "error",
		code: "token_invalid",
		message: "bad",
		id: "abc",
		provider: "okta",
		reason: "nonce",
		cause,
	});
	expect(line).toBe(
		"portcullis error [txid=abc] token_invalid provider=okta reason=nonce: bad <- Error: outer <- TypeError: inner",
	);
});

it("lets nobody write lines of their own", () => {
	const line = formatLogEntry({
		level: "error",
		code: "forbidden",
		message: "a\nportcullis error [txid=fake]\u2028b\u001b[31m",
		cause: new Error("x\r\ny"),
	});
	expect(line).not.toMatch(/[\p{Cc}\p{Zl}]/u);
	expect(
		formatLogEntry({ level: "error", code: "forbidden", message: "x".repeat(99_999) }).length,
	).toBeLessThan(1200);
});

it("holds no field that a value has made up", () => {
	const line = formatLogEntry({
		level: "warning",
		code: "login_required",
		message: "The provider has ended the session",
		provider: "okta",
		reason: "x provider=evil]: all is well",
		id: "abc] [txid=fake",
	});
	expect(line).toBe(
		'portcullis warning [txid="abc] [txid=fake"] login_required provider=okta reason="x provider=evil]: all is well": The provider has ended the session',
	);
});

it("hands a hook texts of one line, also those of causes, and leaves clean causes as they are", () => {
	const entries: LogEntry[] = [];
	const write = createLog((entry) => entries.push(entry), Date.now);
	const clean = new TypeError("inner");
	write({ level: "error", code: "internal_error", message: "m", cause: clean });
	expect(entries[0]?.cause).toBe(clean);
	const bad = Object.assign(new RangeError("a\nb\u202e", { cause: new Error("c\u2028d") }), {
		status: 1,
	});
	write({
		level: "error",
		code: "internal_error",
		message: "a\nb",
		id: "i\n",
		provider: "p\u200b",
		reason: "r\r",
		cause: bad,
	});
	const { cause, ...texts } = entries[1] as LogEntry & { cause: RangeError & { status: number } };
	expect(texts).toEqual({
		level: "error",
		code: "internal_error",
		message: "a b",
		id: "i ",
		provider: "p\\u{200b}",
		reason: "r ",
	});
	expect(cause).toBeInstanceOf(RangeError);
	expect([cause.name, cause.message, (cause.cause as Error).message, cause.status]).toEqual([
		"RangeError",
		"a b\\u{202e}",
		"c d",
		1,
	]);
	expect(cause.stack?.split("\n")[0]).toBe("RangeError: a b\\u{202e}");
	expect(bad.message).toBe("a\nb\u202e");
});

it("gives each network a share of its own, and names the line that was written", () => {
	const clock = { now: 0 };
	const entries: LogEntry[] = [];
	const write = createLog(
		(entry) => entries.push(entry),
		() => clock.now,
	);
	const send = (network: string | undefined, id: string) =>
		write({ level: "error", code: "callback_invalid", message: "m", id }, network);
	expect(Array.from({ length: 12 }, (_, i) => send("a", `a${i}`)).slice(8)).toEqual([
		"a8",
		"a9",
		"a9",
		"a9",
	]);
	expect(send("b", "b0")).toBe("b0");
	expect(send(undefined, "c0")).toBe("c0");
	clock.now += 60_000;
	expect(send("a", "late")).toBe("late");
	expect(entries.at(-1)?.message).toBe("m (and 2 more like this)");
	expect(entries).toHaveLength(13);
});

it("drops what a hook throws, and an entry that cannot be read", () => {
	const write = createLog(() => {
		throw new Error("full");
	}, Date.now);
	expect(write({ level: "error", code: "internal_error", message: "m" })).toBeUndefined();
	expect(
		write({ level: "error", code: "internal_error", message: undefined as never }),
	).toBeUndefined();
});
