import { expect } from "vitest";
import { type Refusal, refusesLogin } from "./refused-login.ts";

/** What a provider says is shown as text: nothing of it is an element, an attribute or a link. */
function expectText({ page }: Refusal): void {
	expect(page.body).not.toContain("<script>alert");
	expect(page.body).not.toContain("<img");
	expect(page.body).not.toContain("javascript:");
	expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
}

refusesLogin("rp-response-error-markup (R19)", [
	{
		name: "an answer whose error is markup",
		faults: { authorization: "error-markup" },
		code: "provider_error",
		reason: "unreadable",
		status: 502,
		also(refusal) {
			expectText(refusal);
			expect(refusal.page.body).toContain("&lt;script&gt;alert(1)");
		},
	},
	{
		name: "a token endpoint whose error is markup",
		faults: { token: "error-markup" },
		code: "provider_error",
		reason: "invalid_request",
		status: 502,
		also: expectText,
	},
]);
