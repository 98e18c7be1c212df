import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { assertFreshBuild, manifest } from "./built-package.ts";
import { output, run } from "./run.ts";
import { packageFolder, repositoryFolder } from "./source-tree.ts";

/** Entries that need an optional peer, and which. */
export const PEER_OF: Readonly<Record<string, string>> = {
	"portcullis/hono": "hono",
	"portcullis/opentelemetry": "@opentelemetry/api",
	"portcullis/react": "react",
	"portcullis/testing": "oidc-provider",
};
/** Packages that bring no types of their own. */
const TYPES_OF: Readonly<Record<string, string>> = { react: "@types/react" };

/** How TypeScript is told to look for packages. */
export const RESOLUTIONS = [["nodenext"], ["esnext", "--moduleResolution", "bundler"]] as const;

/** Commands of the repository. */
export const bin: string = join(repositoryFolder, "node_modules", ".bin");

/**
 * What an app gets: the tarball as npm packs it, installed into an empty folder outside the
 * repository. Its dependencies are links to the repository's, so that nothing is fetched, and only
 * the declared ones are there: an import of anything else fails.
 */
export class PackedApp {
	readonly folder: string = mkdtempSync(join(tmpdir(), "portcullis-pack-"));
	readonly app: string = join(this.folder, "app");
	readonly installed: string = join(this.app, "node_modules", manifest.name);
	readonly tarball: string = join(this.folder, `${manifest.name}-${manifest.version}.tgz`);

	async install(): Promise<void> {
		assertFreshBuild();
		await npm(["pack", "--json", "--pack-destination", this.folder], packageFolder);
		mkdirSync(this.app);
		writeFileSync(
			join(this.app, "package.json"),
			JSON.stringify({ name: "app", private: true, type: "module" }),
		);
		const dependencies = Object.keys(manifest.dependencies).map(
			(name) => `file:${folderOfPackage(name)}`,
		);
		const quiet = [
			"--ignore-scripts",
			"--offline",
			"--no-audit",
			"--no-fund",
			"--legacy-peer-deps",
		];
		await npm(["install", ...quiet, `file:${this.tarball}`, ...dependencies], this.app);
	}

	/** Puts the peer there that an entry needs, if it needs one. */
	linkPeerOf(specifier: string, { types = false } = {}): void {
		const peer = PEER_OF[specifier];
		if (peer === undefined) return;
		this.#link(peer);
		if (types) this.#link(TYPES_OF[peer] ?? peer);
	}

	/**
	 * What the compiler says, strictly, of an app that imports these entries, declarations of the
	 * package included.
	 */
	async typeErrors(
		specifiers: readonly string[],
		resolution: readonly string[],
	): Promise<string[]> {
		const names = specifiers.map((specifier) => {
			const name = `${specifier.replace("/", "-")}.ts`;
			const code = `import * as entry from "${specifier}";\nexport const names: string[] = Object.keys(entry);\n`;
			writeFileSync(join(this.app, name), code);
			return name;
		});
		const options = [
			"--strict",
			"--noEmit",
			"--target",
			"es2023",
			"--lib",
			"es2023,dom,dom.iterable",
		];
		const types = [
			"--types",
			"node",
			"--typeRoots",
			join(repositoryFolder, "node_modules", "@types"),
		];
		const args = ["--ignoreConfig", ...options, ...types, "--module", ...resolution, ...names];
		const { stdout } = await run(join(bin, "tsc"), args, { cwd: this.app });
		// Mistakes in the declarations of others are theirs.
		return stdout
			.split("\n")
			.filter((line) => /^(\S+\.ts|node_modules\/portcullis\/)/.test(line) && !isForeign(line));
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}

	#link(name: string): void {
		const target = join(this.app, "node_modules", name);
		rmSync(target, { recursive: true, force: true });
		mkdirSync(dirname(target), { recursive: true });
		symlinkSync(folderOfPackage(name), target, "dir");
	}
}

function folderOfPackage(name: string): string {
	const paths = [packageFolder, repositoryFolder].map((base) =>
		join(base, "node_modules", name, "package.json"),
	);
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

function isForeign(line: string): boolean {
	return line.includes("node_modules/") && !line.startsWith(`node_modules/${manifest.name}/`);
}

function npm(args: readonly string[], cwd: string): Promise<string> {
	return output("npm", args, { cwd });
}
