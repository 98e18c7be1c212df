import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assertFreshBuild, entries, manifest } from "../support/built-package.ts";
import { output, run } from "../support/run.ts";
import { filesBelow, packageFolder, repositoryFolder } from "../support/source-tree.ts";

// What an app gets: the tarball as npm packs it, installed into an empty folder outside the repository. Its dependencies are links to
// the repository's, so that nothing is fetched, and only the declared ones are there: an import of anything else fails.

const folder = mkdtempSync(join(tmpdir(), "portcullis-pack-"));
const app = join(folder, "app");
const installed = join(app, "node_modules", manifest.name);
const bin = join(repositoryFolder, "node_modules", ".bin");
/** Entries that need an optional peer, and which. */
const PEER_OF: Readonly<Record<string, string>> = {
	"portcullis/hono": "hono",
	"portcullis/opentelemetry": "@opentelemetry/api",
	"portcullis/react": "react",
	"portcullis/testing": "oidc-provider",
};
/** Packages that bring no types of their own. */
const TYPES_OF: Readonly<Record<string, string>> = { react: "@types/react" };
let tarball: string;

beforeAll(async () => {
	assertFreshBuild();
	const packed = await npm(["pack", "--json", "--pack-destination", folder], packageFolder);
	tarball = join(folder, `${manifest.name}-${manifest.version}.tgz`);
	expect(packed).toContain(`${manifest.name}-${manifest.version}.tgz`);
	mkdirSync(app);
	writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
	const dependencies = Object.keys(manifest.dependencies).map((name) => `file:${folderOfPackage(name)}`);
	const quiet = ["--ignore-scripts", "--offline", "--no-audit", "--no-fund", "--legacy-peer-deps"];
	await npm(["install", ...quiet, `file:${tarball}`, ...dependencies], app);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the tarball", () => {
	test("holds built files, the command, the manifest and the three texts, and nothing else", () => {
		const files = filesInPackage();
		const texts = files.filter((path) => !path.startsWith("dist/"));
		expect(texts).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "bin/portcullis.js", "package.json"]);
		expect(files.filter((path) => path.startsWith("dist/") && !/\.(js|d\.ts)$/.test(path))).toEqual([]);
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
		const left = filesBelow(packageFolder, [".md", "LICENSE"]).filter((path) => !path.includes("/"));
		expect(left).toEqual([]);
	});

	test("is clean for publint", async () => {
		const { code, stdout, stderr } = await run(join(bin, "publint"), ["--strict", tarball], { cwd: folder });
		expect(code, stdout + stderr).toBe(0);
	}, 60_000);

	test("resolves to types and code from ES modules and from bundlers", async () => {
		// `esm-only`: the package has no CommonJS form, and TypeScript's resolution for Node 10 knows no `exports`.
		const args = ["--profile", "esm-only", "--no-color", "--no-emoji", tarball];
		const { code, stdout, stderr } = await run(join(bin, "attw"), args, { cwd: folder });
		expect(code, stdout + stderr).toBe(0);
	}, 60_000);
});

describe.each(entries)("$specifier, installed", ({ specifier }) => {
	const peer = PEER_OF[specifier];

	test(peer === undefined ? "loads with the dependencies alone" : `loads where ${peer} is installed`, async () => {
		if (peer !== undefined) link(peer);
		const program = `console.log(Object.keys(await import(${JSON.stringify(specifier)})).length)`;
		const count = await output(process.execPath, ["--input-type=module", "-e", program], { cwd: app });
		expect(Number(count)).toBeGreaterThan(0);
	}, 30_000);

	test("type-checks in an app, declarations of the package included", async () => {
		if (peer !== undefined) for (const name of [peer, TYPES_OF[peer] ?? peer]) link(name);
		const name = `${specifier.replace("/", "-")}.ts`;
		writeFileSync(
			join(app, name),
			`import * as entry from "${specifier}";\nexport const names: string[] = Object.keys(entry);\n`,
		);
		const options = ["--strict", "--noEmit", "--target", "es2023", "--lib", "es2023,dom,dom.iterable"];
		const types = ["--types", "node", "--typeRoots", join(repositoryFolder, "node_modules", "@types")];
		for (const module of [["nodenext"], ["esnext", "--moduleResolution", "bundler"]]) {
			const args = ["--ignoreConfig", ...options, ...types, "--module", ...module, name];
			const { stdout } = await run(join(bin, "tsc"), args, { cwd: app });
			// Mistakes in the declarations of others are theirs.
			expect(
				stdout.split("\n").filter((line) => /^(\S+\.ts|node_modules\/portcullis\/)/.test(line) && !isForeign(line)),
			).toEqual([]);
		}
	}, 60_000);
});

test("the command line tool starts", async () => {
	const { code, stdout, stderr } = await run(join(app, "node_modules", ".bin", "portcullis"), ["--help"], {
		cwd: app,
		env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
	});
	expect(code, stderr).toBe(0);
	expect(stdout).toContain("portcullis");
}, 30_000);

function filesInPackage(): string[] {
	return filesBelow(installed, [""]);
}

function folderOfPackage(name: string): string {
	const paths = [packageFolder, repositoryFolder].map((base) => join(base, "node_modules", name, "package.json"));
	const found = paths.find((path) => {
		try {
			return createRequire(import.meta.url)(path).name === name;
		} catch {
			return false;
		}
	});
	if (found === undefined) throw new Error(`${name} is not installed in the repository`);
	return dirname(found);
}

function link(name: string): void {
	const target = join(app, "node_modules", name);
	rmSync(target, { recursive: true, force: true });
	mkdirSync(dirname(target), { recursive: true });
	symlinkSync(folderOfPackage(name), target, "dir");
}

function isForeign(line: string): boolean {
	return line.includes("node_modules/") && !line.startsWith(`node_modules/${manifest.name}/`);
}

function npm(args: readonly string[], cwd: string): Promise<string> {
	return output("npm", args, { cwd });
}
