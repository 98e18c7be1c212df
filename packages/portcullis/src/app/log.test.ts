import { expect, it } from "vitest";
import { formatLogEntry } from "./log.ts";

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
	expect(formatLogEntry({ level: "error", code: "forbidden", message: "x".repeat(99_999) }).length).toBeLessThan(1200);
});
