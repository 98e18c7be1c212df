import { spawn } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

/** The checks without which there is no protection at all. `npm run mutate` has all of them. */
const IMPORTANT = [
	"no-nonce",
	"no-signature",
	"no-issuer",
	"no-audience",
	"no-state-compare",
	"no-pkce",
	"any-target",
	"no-path-readings",
	"no-csrf-header",
	"no-csrf-origin",
	"anonymous-granted",
	"no-aad",
	"no-owner",
	"no-withholding",
] as const;

const results = new Map<string, { readonly result: string; readonly by?: string }>();

beforeAll(async () => {
	const child = spawn(process.execPath, ["scripts/mutate.mjs", "--json", ...IMPORTANT], {
		cwd: join(import.meta.dirname, "../.."),
		// It runs tests by itself: of these nothing may reach it.
		env: Object.fromEntries(
			Object.entries(process.env).filter(([name]) => !/^(VITEST|PORTCULLIS|NODE_ENV)/.test(name)),
		),
	});
	let output = "";
	child.stdout.on("data", (chunk) => {
		output += chunk;
	});
	child.stderr.on("data", (chunk) => {
		output += chunk;
	});
	await new Promise((resolve) => child.on("close", resolve));
	for (const line of output.split("\n").filter((text) => text.startsWith("{"))) {
		const { id, ...result } = JSON.parse(line);
		results.set(id, result);
	}
	if (results.size === 0) throw new Error(output);
}, 180_000);

describe("a test fails", () => {
	it.each(IMPORTANT)("with %s", (id) => {
		expect(results.get(id)).toEqual({
			result: "killed",
			by: expect.stringMatching(/\.test\.ts: ./),
		});
	});
});
