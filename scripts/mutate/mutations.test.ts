import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { allMarkers, SOURCES } from "./markers.ts";
import { applyMutation } from "./mutation.ts";
import { MUTATIONS, placedMutations } from "./mutations.ts";
import { reportOf } from "./report.ts";

const ROOT = join(import.meta.dirname, "../..");
const PACKAGE = join(ROOT, "packages/portcullis");
const AREAS = ["protocol/", "crypto/", "session/", "guard/", "state/", "app/"];

const KEYWORDS = new Set(
	"as await continue false if instanceof new null return throw true typeof void".split(" "),
);

const IDS = MUTATIONS.map(({ id }) => id);
const MARKERS = allMarkers();

it("switches off at least 120 checks, in every area, each once", () => {
	expect(IDS.length).toBeGreaterThanOrEqual(120);
	expect(twice(IDS)).toEqual([]);
	for (const area of AREAS) expect(MARKERS.some(({ file }) => file.startsWith(area))).toBe(true);
});

it("has one marker in the sources for each of them, and nothing else is marked", () => {
	const marked = MARKERS.map(({ id }) => id);
	expect(twice(marked), "one marker each").toEqual([]);
	expect(
		IDS.filter((id) => !marked.includes(id)),
		"say `// proven: <id>` at the check",
	).toEqual([]);
	expect(
		marked.filter((id) => !IDS.includes(id)),
		"add a row to scripts/mutate/mutations-*.ts",
	).toEqual([]);
	const misspelled = [...new Set(MARKERS.map(({ file }) => file))].filter((file) => {
		const source = read(file);
		return (
			(source.match(/proven: /g)?.length ?? 0) !==
			(source.match(/\/\/ proven: [\w-]+(?:, [\w-]+)*$/gm)?.length ?? 0)
		);
	});
	expect(misspelled).toEqual([]);
});

it("changes what is marked, to code that parses, and no two of them do the same", () => {
	const ids = new Map<string, string>();
	for (const { id, source, mutated } of applied()) {
		expect([id, mutated !== source]).toEqual([id, true]);
		expect([id, ids.get(mutated)]).toEqual([id, undefined]);
		ids.set(mutated, id);
	}
}, 60_000);

it("says nothing of names that are not in the file: a test would fail for that alone", () => {
	const unknown = applied().flatMap(({ id, source, mutated }) => {
		const known = namesIn(source);
		return [...namesIn(mutated)]
			.filter((name) => !known.has(name) && !KEYWORDS.has(name) && !(name in globalThis))
			.map((name) => `${id}: ${name}`);
	});
	expect(unknown).toEqual([]);
}, 60_000);

it("names tests that exist", () => {
	const missing = MUTATIONS.flatMap(({ tests }) => tests).filter(
		(path) => !existsSync(join(PACKAGE, path)),
	);
	expect(missing).toEqual([]);
	expect(MUTATIONS.filter(({ tests }) => tests.length === 0)).toEqual([]);
});

it("is counted in docs/proof/mutation.md, survivors with their reasons", () => {
	const page = readFileSync(join(ROOT, "docs/proof/mutation.md"), "utf8");
	expect(page, "run npm run mutate -- --page").toBe(reportOf(placedMutations()));
	for (const { id, survives } of MUTATIONS)
		if (survives !== undefined) expect(page).toMatch(new RegExp(`\\(\`${id}\`\\) \\|`));
	const counts = [...page.matchAll(/^\| `[\w./-]+` \| \d+\/(\d+) \|/gm)].map(([, count]) =>
		Number(count),
	);
	expect(counts.reduce((sum, count) => sum + count, 0)).toBe(IDS.length);
});

it("is nothing that the package could reach", () => {
	const { files } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as {
		files: string[];
	};
	expect(files.some((path) => path.includes("scripts"))).toBe(false);
});

function read(file: string): string {
	return readFileSync(join(SOURCES, file), "utf8");
}

function twice(list: readonly string[]): string[] {
	return list.filter((entry, i) => list.indexOf(entry) !== i);
}

let all:
	| readonly { readonly id: string; readonly source: string; readonly mutated: string }[]
	| undefined;

function applied() {
	all ??= placedMutations().map((mutation) => {
		const source = read(mutation.file);
		return { id: mutation.id, source, mutated: applyMutation(source, mutation) };
	});
	return all;
}

/** Words that are in no text and not behind a dot. */
function namesIn(source: string): Set<string> {
	const code = source.replace(/"[^"\n]*"|'[^'\n]*'|\/\/.*/g, "");
	return new Set(code.match(/(?<![.\w])[A-Za-z_]\w*/g));
}
