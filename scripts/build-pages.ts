// Writes packages/portcullis/src/views/page-scripts.ts: the scripts of the gate's own pages,
// bundled from src/pages. The file is checked in, so that the sources run without a build.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const source = join(import.meta.dirname, "..", "packages", "portcullis", "src");
const target = join(source, "views", "page-scripts.ts");

if (process.argv[1] === fileURLToPath(import.meta.url)) await writePageScripts();

/** Writes the file if it is not what the pages make. */
export async function writePageScripts(): Promise<void> {
	const text = await pageScripts();
	if (readFileSync(target, "utf8") !== text) writeFileSync(target, text);
}

/** The text of `src/views/page-scripts.ts`. */
export async function pageScripts(): Promise<string> {
	const folder = join(source, "pages");
	const pages = readdirSync(folder)
		.filter((name) => /^[a-z-]+\.ts$/.test(name))
		.sort();
	const scripts = await Promise.all(
		pages.map(async (page) => {
			const name = basename(page, ".ts").replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
			const text = JSON.stringify(await bundle(join(folder, page)));
			return `/** \`src/pages/${page}\`. */\nexport const ${name}Script: Html = trustedHtml(${text});\n`;
		}),
	);
	return [
		"// Written by `npm run build:pages` from `src/pages`. Change the pages, not this file.\n",
		'import { type Html, trustedHtml } from "./html.ts";\n\n',
		scripts.join("\n"),
	].join("");
}

/**
 * One page as a script that runs in browsers of ten years ago, too: what they lack is left to the
 * links and buttons of the page, and so is a script that stumbles.
 */
async function bundle(input: string): Promise<string> {
	const built = await rolldown({
		input,
		platform: "browser",
		transform: { target: "es2015" },
		tsconfig: false,
	});
	const { output } = await built.generate({ format: "iife", minify: true });
	await built.close();
	const [chunk, ...others] = output;
	if (others.length > 0) throw new Error(`${input} needs more than one file`);
	const script = chunk.code.replaceAll("/* @__PURE__ */ ", "").trim();
	if (/<\/script|<!--/i.test(script)) throw new Error(`${input} would end its own element`);
	return script;
}
