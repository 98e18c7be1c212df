import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { assertFreshBuild, manifest } from "../support/built-package.ts";
import { moduleReferences } from "../support/module-references.ts";
import { output } from "../support/run.ts";
import { filesBelow, packageFolder } from "../support/source-tree.ts";

// What the bundler may do with the code, and what not.

const dist = join(packageFolder, "dist");

beforeAll(() => assertFreshBuild());

describe("an app that imports portcullis and portcullis/hono", () => {
	test("reads a few files of ours, not one for each idea", async () => {
		const ours = (await modulesLoadedBy("portcullis", "portcullis/hono")).filter((path) =>
			path.startsWith("dist/"),
		);
		expect(ours).toEqual(expect.arrayContaining(["dist/index.js", "dist/hono.js"]));
		expect(ours.length).toBeLessThan(30);
	});

	test("loads what checks signatures at the first login, no identity provider for development, and no telemetry", async () => {
		const loaded = await modulesLoadedBy("portcullis", "portcullis/hono");
		expect(loaded.filter((path) => /jose\/.*\/(jws|key)\//.test(path))).toEqual([]);
		expect(
			loaded.filter((path) => /commander|oidc-provider|dev-idp|testing|opentelemetry/.test(path)),
		).toEqual([]);
		// Nor what is for developers alone: the panel and what doctor looks at.
		const ours = loaded
			.filter((path) => path.startsWith("dist/"))
			.map((path) => readFileSync(join(packageFolder, path), "utf8"));
		expect(ours.filter((code) => /function (examineProvider|panelPage)\b/.test(code))).toEqual([]);
	});
});

test.each(["portcullis/errors", "portcullis/views"])(
	"%s brings nothing of Node and no package along",
	async (entry) => {
		const loaded = await modulesLoadedBy(entry);
		expect(loaded.length).toBeGreaterThan(0);
		expect(loaded.filter((path) => !path.startsWith("dist/"))).toEqual([]);
	},
);

test.each(["client", "react"])(
	"portcullis/%s leads to no file of the server, at once or later",
	(entry) => {
		const seen = new Set([`${entry}.js`]);
		for (const path of seen) {
			const text = readFileSync(join(dist, path), "utf8");
			for (const name of moduleReferences(text, path.replace(/\.js$/, ".ts")).specifiers) {
				if (name.startsWith(".")) seen.add(join(dirname(path), name));
				else expect(name, path).toBe("react");
			}
		}
		expect([...seen].some((path) => path.includes("framed"))).toBe(true);
		const text = [...seen].map((path) => readFileSync(join(dist, path), "utf8")).join("\n");
		for (const word of ["oauth4webapi", "jose", "ConfigError", "sealSession"])
			expect(text).not.toContain(word);
	},
);

test("packages are imported, never copied", () => {
	const packages = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
	const files = filesBelow(dist, [".js"]);
	const foreign = files.flatMap((path) => {
		const text = readFileSync(join(dist, path), "utf8");
		expect(text, path).not.toContain("node_modules/");
		return moduleReferences(text, path.replace(/\.js$/, ".ts")).specifiers.filter(
			(name) => !name.startsWith("."),
		);
	});
	const undeclared = foreign.filter((name) => {
		const isOwn =
			name === "#aead" || name.startsWith("node:") || name.startsWith(`${manifest.name}/`);
		return (
			!isOwn && !packages.some((declared) => name === declared || name.startsWith(`${declared}/`))
		);
	});
	expect(undeclared).toEqual([]);
	// Not vacuous: the two that do the protocol are there.
	expect(foreign).toEqual(
		expect.arrayContaining(["oauth4webapi", "#aead", "jose/jws/compact/verify"]),
	);
});

test("an error is of the same class whichever entry it is imported from", async () => {
	const program = `
		const names = ["ConfigError", "LoginError", "PortcullisError"];
		const [main, errors] = [await import("portcullis"), await import("portcullis/errors")];
		console.log(names.every((name) => main[name] === errors[name] && new main[name]([]).name === name));
	`;
	expect((await runNode(program)).trim()).toBe("true");
});

test("both kinds of primitives open what the other sealed", async () => {
	const program = `
		const [node, web] = (await Promise.all([import("./dist/crypto/node.js"), import("./dist/crypto/web.js")])).map((m) => m.primitives);
		const [raw, aad, text] = [new Uint8Array(32).fill(7), new Uint8Array([1]), new TextEncoder().encode("portcullis")];
		for (const [one, other] of [[node, web], [web, node]]) {
			const sealed = await one.seal(await one.importKey(raw), text, aad);
			const opened = await other.open(await other.importKey(raw), sealed, aad);
			console.log(new TextDecoder().decode(opened));
		}
	`;
	expect((await runNode(program)).trim().split("\n")).toEqual(["portcullis", "portcullis"]);
});

/**
 * Files that a fresh process loads for these imports, relative to the package; `node:` modules by
 * their name.
 */
async function modulesLoadedBy(...specifiers: readonly string[]): Promise<string[]> {
	const program = `
		import { registerHooks } from "node:module";
		const loaded = new Set();
		registerHooks({ load(url, context, next) { loaded.add(url); return next(url, context); } });
		for (const specifier of ${JSON.stringify(specifiers)}) await import(specifier);
		console.log(JSON.stringify([...loaded]));
	`;
	const urls = JSON.parse(await runNode(program)) as string[];
	return urls.map((url) =>
		url.startsWith("file:") ? relative(packageFolder, fileURLToPath(url)) : url,
	);
}

function runNode(program: string): Promise<string> {
	return output(process.execPath, ["--input-type=module", "-e", program], { cwd: packageFolder });
}
