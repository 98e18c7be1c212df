import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CodeBlock, extractCodeBlocks } from "./code-blocks.ts";
import { run } from "./run.ts";
import { repositoryFolder } from "./source-tree.ts";

/** A document by its path below the root of the repository. */
export interface Document {
	readonly path: string;
	readonly markdown: string;
}

/** What checking the documents found. */
export interface CodeBlockReport {
	/** Blocks that the compiler looked at. */
	readonly checked: number;
	/** Blocks that a marker leaves out, as `path:line: reason`. */
	readonly skipped: readonly string[];
	/** Mistakes, each as `path:line: message`, with the line of the document. */
	readonly problems: readonly string[];
}

interface WrittenBlock {
	readonly document: string;
	readonly block: CodeBlock;
	/** Lines in front of the block's own. */
	readonly offset: number;
}

/**
 * Type-checks every TypeScript block of the documents in one run of the compiler, strictly, against
 * the built package.
 *
 * @param preambleFolder holds `<name>.ts`, the text of the preamble called `name`
 * @param workFolder is emptied and written; must lie in the repository, so that packages are found
 */
export async function checkCodeBlocks(
	documents: readonly Document[],
	preambleFolder: string,
	workFolder: string,
): Promise<CodeBlockReport> {
	const problems: string[] = [];
	const skipped: string[] = [];
	const written = new Map<string, WrittenBlock>();
	rmSync(workFolder, { recursive: true, force: true });
	mkdirSync(workFolder, { recursive: true });

	for (const [index, { path: document, markdown }] of documents.entries()) {
		for (const block of extractFrom(document, markdown, problems)) {
			if (block.skipped !== undefined) {
				skipped.push(`${document}:${block.line}: ${block.skipped}`);
				continue;
			}
			// A folder for each document: its blocks see each other by the paths that their first lines
			// name.
			const name = block.path ?? `block-at-line-${block.line}.${block.language}`;
			const file = `${index}/${name}`;
			const preamble = preambleOf(block, preambleFolder);
			if (preamble.missing !== undefined) {
				problems.push(`${document}:${block.line}: there is no preamble called ${preamble.missing}`);
			} else if (written.has(file)) {
				problems.push(
					`${document}:${block.line}: an earlier block of this document is called ${name}`,
				);
			} else {
				written.set(file, { document, block, offset: preamble.text.split("\n").length - 1 });
				mkdirSync(dirname(join(workFolder, file)), { recursive: true });
				writeFileSync(join(workFolder, file), preamble.text + block.code);
			}
		}
	}
	writeFileSync(join(workFolder, "tsconfig.json"), JSON.stringify(compilerConfig(workFolder)));
	return {
		checked: written.size,
		skipped,
		problems: [...problems, ...(await compile(workFolder, written))],
	};
}

function extractFrom(document: string, markdown: string, problems: string[]): CodeBlock[] {
	try {
		return extractCodeBlocks(markdown);
	} catch (error) {
		problems.push(`${document}: ${error instanceof Error ? error.message : error}`);
		return [];
	}
}

function preambleOf(block: CodeBlock, folder: string): { text: string; missing?: string } {
	let text = "";
	for (const name of block.preambles) {
		const file = join(folder, `${name}.ts`);
		if (!existsSync(file)) return { text, missing: name };
		text += `${readFileSync(file, "utf8").trimEnd()}\n`;
	}
	return { text };
}

function compilerConfig(workFolder: string): object {
	return {
		extends: join(repositoryFolder, "tsconfig.base.json"),
		compilerOptions: {
			jsx: "react-jsx",
			// A block shows one thing: what it declares for the reader need not be used.
			noUnusedLocals: false,
			noUnusedParameters: false,
		},
		include: [join(workFolder, "**/*")],
	};
}

async function compile(
	workFolder: string,
	written: ReadonlyMap<string, WrittenBlock>,
): Promise<string[]> {
	if (written.size === 0) return [];
	const tsc = join(repositoryFolder, "node_modules", ".bin", "tsc");
	const { code, stdout, stderr } = await run(tsc, ["-p", "tsconfig.json", "--pretty", "false"], {
		cwd: workFolder,
	});
	if (code === 0) return [];
	const problems: string[] = [];
	for (const text of stdout.split("\n").filter((line) => line.trim() !== "")) {
		const [, file = "", line = "", message = ""] = /^(.+?)\((\d+),\d+\): (.*)$/.exec(text) ?? [];
		const origin = written.get(file.replaceAll("\\", "/"));
		if (origin !== undefined) {
			const inBlock = Number(line) - origin.offset;
			// A mistake in the preamble is shown at the block that asked for it.
			problems.push(
				`${origin.document}:${origin.block.line + Math.max(inBlock, 1) - 1}: ${message}`,
			);
		} else if (text.startsWith(" ") && problems.length > 0) {
			problems.push(`${problems.pop()}\n${text}`);
		} else problems.push(text);
	}
	return problems.length > 0 ? problems : [`the compiler ended with ${code}: ${stderr}`];
}
