// Compiles packages/portcullis/src into dist, from nothing: a file that left src does not stay in the package.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const packageFolder = join(root, "packages", "portcullis");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

rmSync(join(packageFolder, "dist"), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
	cwd: packageFolder,
	stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);

const cli = join(packageFolder, "dist", "cli.js");
if (existsSync(cli)) chmodSync(cli, 0o755);
