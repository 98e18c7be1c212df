import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { assertFreshBuild, entries } from "../support/built-package.ts";
import { declaredExports } from "../support/declared-exports.ts";
import { output } from "../support/run.ts";
import { packageFolder } from "../support/source-tree.ts";

// A name that appears in or leaves the public API is a decision: it shows in the diff of
// public-api.txt. `npx vitest run test/dist/exports --update` writes the file anew, after a build.

let exported: Record<string, Record<string, string>>;

beforeAll(async () => {
	assertFreshBuild();
	exported = await runtimeExports();
}, 30_000);

test("the public API is the one in public-api.txt", async () => {
	const lines = entries.flatMap(({ specifier, types }) => {
		const values = Object.entries(exported[specifier] ?? {}).map(
			([name, kind]) => `${specifier}  ${kind} ${name}`,
		);
		const onlyTypes = declaredExports(join(packageFolder, types)).types.map(
			(name) => `${specifier}  type ${name}`,
		);
		return [...values.sort(), ...onlyTypes, ""];
	});
	await expect(lines.join("\n")).toMatchFileSnapshot("public-api.txt");
});

test("the main entry has at most 40 names, so that an app finds what it needs", () => {
	const [main] = entries.filter(({ specifier }) => specifier === "portcullis");
	const { values, types } = declaredExports(join(packageFolder, String(main?.types)));
	const names = [...values, ...types];
	expect(names.length).toBeGreaterThan(20);
	expect(names.length).toBeLessThanOrEqual(40);
});

describe.each(entries)("$specifier", ({ specifier, types }) => {
	test("exports at run time the values that it declares, and nothing else", () => {
		const names = Object.keys(exported[specifier] ?? {});
		expect(names.length).toBeGreaterThan(0);
		expect(names.sort()).toEqual(declaredExports(join(packageFolder, types)).values);
	});
});

/**
 * Name and kind of every run-time export of every entry, read by the pinned Node from the built
 * files, without the test runner's loader.
 */
async function runtimeExports(): Promise<Record<string, Record<string, string>>> {
	const program = `
		const kindOf = (value) => typeof value !== "function" ? typeof value : /^class\\b/.test(String(value)) ? "class" : "function";
		const found = {};
		for (const specifier of ${JSON.stringify(entries.map(({ specifier }) => specifier))}) {
			found[specifier] = Object.fromEntries(Object.entries(await import(specifier)).map(([name, value]) => [name, kindOf(value)]));
		}
		console.log(JSON.stringify(found));
	`;
	return JSON.parse(
		await output(process.execPath, ["--input-type=module", "-e", program], { cwd: packageFolder }),
	);
}
