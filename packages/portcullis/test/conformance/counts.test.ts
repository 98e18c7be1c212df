import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plans } from "./modules.ts";
import { negativeCallbacks } from "./negative/callbacks.ts";
import { negativeIdTokens } from "./negative/id-tokens.ts";
import { negativeLogoutTokens } from "./negative/logout-tokens.ts";
import { negativeMetadata } from "./negative/metadata.ts";

describe("the modules of the conformance suite", () => {
	it("are 50, each once in its plan", () => {
		const counts = Object.values(plans).map(({ modules }) => modules.length);
		expect(counts).toEqual([14, 14, 6, 3, 8, 1, 3, 1]);
		expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50);
		for (const { modules } of Object.values(plans))
			expect(new Set(modules).size).toBe(modules.length);
	});

	it.each(Object.entries(plans))("%s has a file that runs them all", (plan, { file }) => {
		const path = join(import.meta.dirname, file);
		expect(existsSync(path)).toBe(true);
		// `mirrors` runs each module of the plan, and wants a case for it.
		expect(readFileSync(path, "utf8").replaceAll(/\s/g, "")).toContain(`mirrors("${plan}",`);
	});
});

describe("the cases beyond them", () => {
	it.each([
		["ID tokens", negativeIdTokens, 60],
		["callbacks", negativeCallbacks, 40],
		["logout tokens", negativeLogoutTokens, 20],
		["metadata and key sets", negativeMetadata, 30],
	] as const)("%s", (_, cases, least) => {
		expect(cases.length).toBeGreaterThanOrEqual(least);
		expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
	});
});
