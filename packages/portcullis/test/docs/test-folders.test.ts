import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, packageFolder, repositoryFolder } from "../support/source-tree.ts";

// test/README.md says what each folder proves, and what is left to the long parts.

const folder = join(packageFolder, "test");
const readme = readFileSync(join(folder, "README.md"), "utf8");
const rows = [...readme.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
const long = ["packages/portcullis", "examples"].flatMap((path) =>
	filesBelow(join(repositoryFolder, path), [".long.test.ts"])
		.filter((file) => !file.includes("node_modules/"))
		.map((file) => `${path}/${file}`),
);

test("each folder and each file of tests has a row", () => {
	const names = readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() || entry.name.endsWith(".test.ts"))
		.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
	expect(rows).toEqual(expect.arrayContaining(names));
});

test("each long part has a row, and its representative beside it", () => {
	expect(long.length).toBeGreaterThan(0);
	for (const path of long) {
		const row = path
			.replace(/^packages\/portcullis\/test\//, "")
			.replace(/^packages\/portcullis\//, "../")
			.replace(/^(examples\/)[^/]+/, "$1*");
		expect(rows).toContain(row);
		expect(
			existsSync(join(repositoryFolder, path.replace(".long.test.ts", ".test.ts"))),
			path,
		).toBe(true);
	}
});

test("each row names something that is there", () => {
	for (const row of rows) {
		const name = row?.replace("*", "team-notes") ?? "";
		const base = name.startsWith("examples/") ? repositoryFolder : folder;
		expect(existsSync(join(base, name)), row).toBe(true);
	}
});
