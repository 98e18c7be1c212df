// Builds packages/portcullis/src into dist, from nothing: a file that left src does not stay in the
// package.
//
// Code is bundled, because an app that imported 88 small files waited longer for them to be found
// and read than for what they do. Declarations are read by compilers alone, and stay file by file.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

const root = join(import.meta.dirname, "..");
const packageFolder = join(root, "packages", "portcullis");
const dist = join(packageFolder, "dist");
const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));

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
		// Or code of one entry could be moved into another's, and a browser would load a server's.
		experimental: { chunkOptimization: false },
	});
	const names = { entryFileNames: "[name].js", chunkFileNames: `${folder}/[name].js` };
	await bundle.write({
		dir: dist,
		format: "esm",
		minify: false,
		hoistTransitiveImports: false,
		...names,
	});
	await bundle.close();
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
