import { describe, expect, it } from "vitest";
import { messageFor, messages } from "./messages.ts";

describe("messages", () => {
	it.each(Object.entries(messages))(
		"%s has a short title and whole sentences",
		(_, { title, message }) => {
			expect(title).toMatch(/^[A-Z].{5,58}[^.!]$/);
			expect(message).toMatch(/^[A-Z].{40,}\.$/);
		},
	);

	it("has no two codes with the same title", () => {
		const titles = Object.values(messages).map(({ title }) => title);
		expect(new Set(titles).size).toBe(titles.length);
	});

	it("never shows a code, a term of the protocol or blame", () => {
		const text = JSON.stringify(Object.values(messages));
		expect(text).not.toMatch(
			/\b(token|nonce|PKCE|CSRF|JWT|issuer|callback|redirect_uri|OIDC|OAuth|invalid user|your fault)\b/i,
		);
		expect(text).not.toMatch(/[a-z]_[a-z]/);
	});

	it("explains blocked cookies with all three causes", () => {
		expect(messages.cookies_blocked.message).toMatch(
			/turned off.*http:.*Safari on http:\/\/localhost/,
		);
	});
});

describe("messageFor", () => {
	it("finds the message of a code", () => {
		expect(messageFor("forbidden")).toBe(messages.forbidden);
	});

	it.each(["", "no_such_code", "constructor", "__proto__", "toString", "hasOwnProperty"])(
		"gives the general message for %j",
		(code) => {
			expect(messageFor(code)).toBe(messages.internal_error);
		},
	);
});
