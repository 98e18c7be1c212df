import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../../..");
const TESTS = join(ROOT, "packages/portcullis");

interface Row {
	id: string;
	requirement: string;
	held: string;
}

const rows: Row[] = readFileSync(join(ROOT, "docs/proof/requirements.md"), "utf8")
	.split("\n")
	.flatMap((line) => {
		const [, id, requirement, held] = /^\| ([RB]\d+) \| (.+?) \| (.+) \|$/.exec(line) ?? [];
		return id && requirement && held ? [{ id, requirement, held }] : [];
	});

const numbersOf = (letter: string) =>
	rows.filter(({ id }) => id.startsWith(letter)).map(({ id }) => Number(id.slice(1)));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe("docs/proof/requirements.md", () => {
	it("has one row for each of the 133 requirements, in order within its group", () => {
		expect(numbersOf("R").sort((a, b) => a - b)).toEqual(upTo(133));
	});

	it("has one row for each of the 55 flaws of others, in order", () => {
		expect(numbersOf("B")).toEqual(upTo(55));
	});

	it("names a test that exists, or says that there is none yet", () => {
		for (const { id, held } of rows) {
			const paths = [...held.matchAll(/`([\w./-]+\.test(?:-d)?\.ts)`/g)].map(
				([, path = ""]) => path,
			);
			expect([id, paths.length > 0 || /(^|\| )(Not yet|Does not apply)/.test(held)]).toEqual([
				id,
				true,
			]);
			for (const path of paths)
				expect([id, path, existsSync(join(TESTS, path))]).toEqual([id, path, true]);
		}
	});
});
