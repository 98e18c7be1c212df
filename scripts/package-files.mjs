// Around `npm pack`: README, licence and changelog live in the root, and belong into the package.
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const packageFolder = join(root, "packages", "portcullis");
const files = ["README.md", "LICENSE", "CHANGELOG.md"];

switch (process.argv[2]) {
	case "copy":
		for (const file of files) copyFileSync(join(root, file), join(packageFolder, file));
		break;
	case "remove":
		for (const file of files) rmSync(join(packageFolder, file), { force: true });
		break;
	default:
		console.error("Usage: node scripts/package-files.mjs copy|remove");
		process.exit(2);
}
