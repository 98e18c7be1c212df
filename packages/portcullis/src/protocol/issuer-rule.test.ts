import { describe, expect, it } from "vitest";
import { acceptsIssuer, acceptsResponseIssuer } from "./issuer-rule.ts";

const TEMPLATE = "https://login.example/{tenantid}/v2.0";
const TENANT = "3aa4a235-b6e2-48d5-9195-7fcf05b459b0";

describe("a template for issuers", () => {
	it("takes the answer of any tenant, and of nobody else", async () => {
		expect(await acceptsResponseIssuer([TEMPLATE], `https://login.example/${TENANT}/v2.0`)).toBe(
			true,
		);
		for (const issuer of [
			`https://login.example/${TENANT}/v1.0`,
			`https://login.example/${TENANT}/v2.0/`,
			`https://login.example/${TENANT}`,
			`https://evil.example/${TENANT}/v2.0`,
			`http://login.example/${TENANT}/v2.0`,
			"https://login.example//v2.0",
			"https://login.example/v2.0",
			"https://login.example/a/b/v2.0",
			"https://login.example/../v2.0",
			TEMPLATE,
			"",
		])
			expect([issuer, await acceptsResponseIssuer([TEMPLATE], issuer)]).toEqual([issuer, false]);
	});

	it("takes a token of the tenant that it names itself", async () => {
		const issuer = `https://login.example/${TENANT}/v2.0`;
		expect(await acceptsIssuer([TEMPLATE], issuer, { tid: TENANT })).toBe(true);
		for (const tid of ["other", "", undefined, 7, `${TENANT}/x`, "$&"])
			expect([tid, await acceptsIssuer([TEMPLATE], issuer, { tid })]).toEqual([tid, false]);
	});
});

it("takes a predicate's true for a yes, and nothing else", async () => {
	for (const answer of [1, "true", {}, [true], undefined]) {
		const rule = (() => answer) as unknown as () => boolean;
		expect(await acceptsIssuer(rule, "https://a.example", {})).toBe(false);
		expect(await acceptsResponseIssuer(rule, "https://a.example")).toBe(false);
	}
	expect(await acceptsResponseIssuer(async () => true, "https://a.example")).toBe(true);
});
