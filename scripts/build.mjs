// Builds packages/portcullis/src into dist, from nothing: a file that left src does not stay in the
// package.
//
// Code is bundled, because an app that imported 88 small files waited longer for them to be found
// and read than for what they do. Declarations are read by compilers alone, and stay file by file.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { rolldown } from "rolldown";
import { writePageScripts } from "./build-pages.ts";

const root = join(import.meta.dirname, "..");
const packageFolder = join(root, "packages", "portcullis");
const dist = join(packageFolder, "dist");
const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));

/** Entries that a browser loads, or that are to bring as little along as they can. */
const LIGHT = ["client", "react", "views", "errors", "redis", "crypto/node", "crypto/web"];

await writePageScripts();
rmSync(dist, { recursive: true, force: true });
// The command line apart: it shares much with an app, and what two entries share is cut into more
// files, which the app would have to read.
const [apps, commands] = [
	entries().filter((entry) => entry !== "cli"),
	entries().filter((entry) => entry === "cli"),
];
const [status] = await Promise.all([
	writeDeclarations(),
	writeCode(apps, "chunks"),
	writeCode(commands, "chunks/cli"),
]);
if (status !== 0) process.exit(status);
for (const path of Object.values(manifest.bin)) chmodSync(join(packageFolder, path), 0o755);

/** @returns {Promise<number>} the exit code of the compiler */
function writeDeclarations() {
	const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
	const compiler = spawn(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
		cwd: packageFolder,
		stdio: "inherit",
	});
	return new Promise((resolve, reject) => {
		compiler.on("error", reject);
		compiler.on("exit", (code) => resolve(code ?? 1));
	});
}

/**
 * One file for each entry; what several entries need goes into files of its own, which none but
 * those entries load.
 *
 * @param {string[]} entries
 * @param {string} folder of the files that are shared, below dist
 */
async function writeCode(entries, folder) {
	const bundle = await rolldown({
		cwd: packageFolder,
		input: Object.fromEntries(entries.map((entry) => [entry, sourceOf(entry)])),
		// Ours is what a path names. Packages, `node:` and the conditional `#aead` stay imports; the
		// last is a helper of the compiler.
		external: (specifier) => !/^(\.|\/|[A-Za-z]:\\|@oxc-project\/runtime\/)/.test(specifier),
		platform: "neutral",
		transform: { target: "es2023" },
		tsconfig: false,
		// What is shipped is what was written, and tested: nothing is folded, inlined or left out.
		treeshake: false,
		// What groups without all that their modules need ask for.
		preserveEntrySignatures: "allow-extension",
		// Or code of one entry could be moved into another's, and a browser would load a server's.
		experimental: { chunkOptimization: false },
	});
	const names = { entryFileNames: "[name].js", chunkFileNames: `${folder}/[name].js` };
	await bundle.write({
		codeSplitting: {
			includeDependenciesRecursively: false,
			groups: [{ debugName: "server", name: serverChunk }],
		},
		dir: dist,
		format: "esm",
		minify: false,
		hoistTransitiveImports: false,
		...names,
	});
	await bundle.close();
}

/**
 * @typedef {{ getModuleInfo(id: string): { importers: string[], dynamicImporters: string[] } | null
 *   }} Graph
 */

/**
 * The file that a module of the server goes into. One for all that `portcullis` needs and no light
 * entry does, not even later: cut by the exact entries that need a module, an app would read twice
 * as many files.
 *
 * @param {string} id
 * @param {Graph} graph
 * @returns {string | null} `null` leaves it to the bundler
 */
function serverChunk(id, graph) {
	const atOnce = entriesReaching(id, (module) => graph.getModuleInfo(module)?.importers ?? []);
	if (!atOnce.has("index")) return null;
	const everReached = entriesReaching(id, (module) => {
		const { importers = [], dynamicImporters = [] } = graph.getModuleInfo(module) ?? {};
		return [...importers, ...dynamicImporters];
	});
	return LIGHT.some((entry) => everReached.has(entry)) ? null : "portcullis";
}

/**
 * @param {string} id
 * @param {(id: string) => readonly string[]} importersOf
 * @returns {Set<string>} the entries from which imports lead to a module
 */
function entriesReaching(id, importersOf) {
	const all = new Set(entries());
	/** @type {Set<string>} */
	const reached = new Set();
	const seen = new Set([id]);
	for (const module of seen) {
		const own = relative(join(packageFolder, "src"), module).replace(/\.tsx?$/, "");
		if (all.has(own)) reached.add(own);
		for (const importer of importersOf(module)) seen.add(importer);
	}
	return reached;
}

/**
 * Every file of code that package.json and its commands point to, as its path below dist without
 * the ending.
 *
 * @returns {string[]}
 */
function entries() {
	const commands = Object.values(manifest.bin).map((path) =>
		readFileSync(join(packageFolder, path), "utf8"),
	);
	const text = [JSON.stringify([manifest.exports, manifest.imports]), ...commands].join("\n");
	return [
		...new Set([...text.matchAll(/"\.\.?\/dist\/([^"]+)\.js"/g)].map(([, entry = ""]) => entry)),
	];
}

/** @param {string} entry */
function sourceOf(entry) {
	const source = join(packageFolder, "src", entry);
	return existsSync(`${source}.tsx`) ? `${source}.tsx` : `${source}.ts`;
}
