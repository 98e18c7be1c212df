import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entries } from "../support/built-package.ts";
import { bin, PackedApp, PEER_OF, RESOLUTIONS } from "../support/packed-app.ts";
import { output, run } from "../support/run.ts";
import { filesBelow, packageFolder, repositoryFolder } from "../support/source-tree.ts";

// What an app gets: the tarball as npm packs it, installed.

const packed = new PackedApp();
const { app, folder, installed, tarball } = packed;

beforeAll(() => packed.install(), 120_000);

afterAll(() => packed.remove());

describe("the tarball", () => {
	test("holds built files, the command, the manifest and the three texts, and nothing else", () => {
		const files = filesInPackage();
		const texts = files.filter((path) => !path.startsWith("dist/"));
		expect(texts).toEqual([
			"CHANGELOG.md",
			"LICENSE",
			"README.md",
			"bin/portcullis.js",
			"package.json",
		]);
		expect(files.filter((path) => path.startsWith("dist/") && !/\.(js|d\.ts)$/.test(path))).toEqual(
			[],
		);
		expect(files.filter((path) => /\.test\.|(^|\/)(test|__tests__)\//.test(path))).toEqual([]);
	});

	test("has declarations for every file of code that can be imported", () => {
		const code = filesInPackage().filter((path) => /^dist\/(?!chunks\/).*\.js$/.test(path));
		expect(code).toEqual(expect.arrayContaining(entries.map((entry) => entry.code.slice(2))));
		const files = new Set(filesInPackage());
		expect(code.filter((path) => !files.has(path.replace(/\.js$/, ".d.ts")))).toEqual([]);
	});

	test("points to no source map and to no file of the machine that built it", () => {
		for (const path of filesInPackage()) {
			const text = readFileSync(join(installed, path), "utf8");
			expect(text, path).not.toMatch(/^\/\/[#@] sourceMappingURL=/m);
			expect(text.includes(repositoryFolder), `${path} names ${repositoryFolder}`).toBe(false);
		}
	});

	test("leaves no copies of the texts in the workspace", () => {
		const left = filesBelow(packageFolder, [".md", "LICENSE"]).filter(
			(path) => !path.includes("/"),
		);
		expect(left).toEqual([]);
	});

	test("is clean for publint", async () => {
		const { code, stdout, stderr } = await run(join(bin, "publint"), ["--strict", tarball], {
			cwd: folder,
		});
		expect(code, stdout + stderr).toBe(0);
	}, 60_000);

	test("resolves to types and code from ES modules and from bundlers", async () => {
		// `esm-only`: the package has no CommonJS form, and TypeScript's resolution for Node 10 knows
		// no `exports`.
		const args = ["--profile", "esm-only", "--no-color", "--no-emoji", tarball];
		const { code, stdout, stderr } = await run(join(bin, "attw"), args, { cwd: folder });
		expect(code, stdout + stderr).toBe(0);
	}, 60_000);
});

describe.each(entries)("$specifier, installed", ({ specifier }) => {
	const peer = PEER_OF[specifier];

	test(peer === undefined
		? "loads with the dependencies alone"
		: `loads where ${peer} is installed`, async () => {
		packed.linkPeerOf(specifier);
		const program = `console.log(Object.keys(await import(${JSON.stringify(specifier)})).length)`;
		const count = await output(process.execPath, ["--input-type=module", "-e", program], {
			cwd: app,
		});
		expect(Number(count)).toBeGreaterThan(0);
	}, 30_000);
});

// Each entry by itself: pack.long.test.ts.
describe.each(RESOLUTIONS.map((resolution) => ({ resolution })))(
	"an app with resolution $resolution",
	({ resolution }) => {
		const specifiers = entries.map(({ specifier }) => specifier);

		test("type-checks with all entries, declarations of the package included", async () => {
			for (const specifier of specifiers) packed.linkPeerOf(specifier, { types: true });
			expect(await packed.typeErrors(specifiers, resolution)).toEqual([]);
		}, 60_000);

		test("is told of what is not there", async () => {
			expect(await packed.typeErrors(["portcullis/nothing"], resolution)).toEqual([
				expect.stringContaining("TS2307"),
			]);
		}, 60_000);
	},
);

test("the command line tool starts", async () => {
	const { code, stdout, stderr } = await run(
		join(app, "node_modules", ".bin", "portcullis"),
		["--help"],
		{
			cwd: app,
			env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
		},
	);
	expect(code, stderr).toBe(0);
	expect(stdout).toContain("portcullis");
}, 30_000);

function filesInPackage(): string[] {
	return filesBelow(installed, [""]);
}
