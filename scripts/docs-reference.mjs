// Writes the parts of the guides that come from tables of the sources: options and errors.
// `test/docs/reference.test.ts` fails where a guide is behind. Needs a build, for `#aead`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withReference } from "../packages/portcullis/test/support/reference.ts";

const folder = join(import.meta.dirname, "../docs");
for (const name of readdirSync(folder).filter((file) => file.endsWith(".md"))) {
	const path = join(folder, name);
	const page = readFileSync(path, "utf8");
	const current = withReference(page);
	if (current === page) continue;
	writeFileSync(path, current);
	console.log(`docs/${name}`);
}
