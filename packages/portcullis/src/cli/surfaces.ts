import { readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Command, Option } from "commander";
import { Exit } from "./exit.ts";
import { ambiguities, type ListedSurface, listInWords } from "./surfaces-list.ts";
import { type LoadedSurfaces, loadSurfaces } from "./surfaces-load.ts";
import {
	compareManifests,
	type Manifest,
	manifestOf,
	parseManifest,
	renderManifest,
} from "./surfaces-manifest.ts";
import { Sources } from "./surfaces-sources.ts";
import { countSurfaces, renderDifferences, renderTable } from "./surfaces-table.ts";
import type { Terminal } from "./terminal.ts";

/** The app is not what was reviewed. */
const DIFFERENT = 1;
/** The reviewed file cannot be read or written. */
const UNUSABLE = 2;

interface Options {
	readonly export?: string;
	readonly json?: true;
	readonly check?: string;
	readonly write?: string;
}

/**
 * `portcullis surfaces`: lists what an app protects and for whom, and compares it with what was
 * reviewed.
 */
export function surfacesCommand(terminal: Terminal): Command {
	return new Command("surfaces")
		.description("List every page, route, event, field and computed value of an app with its rule.")
		.argument(
			"<module>",
			"module that exports the gate, and the Hono app behind it if there is one",
		)
		.option(
			"--export <name>",
			'export that is the gate, or the app behind it (default: "gate", else the only one)',
		)
		.addOption(new Option("--json", "list as JSON").conflicts(["check", "write"]))
		.addOption(
			new Option(
				"--check <file>",
				"end with 1 if anything differs from this reviewed file",
			).conflicts("write"),
		)
		.option("--write <file>", "write the file to be reviewed")
		.action(async (module: string, options: Options) => {
			const loaded = await loadSurfaces(module, options.export);
			const sources = new Sources();
			for (const sentence of ambiguities(loaded.surfaces, sources, process.cwd()))
				terminal.err(`Warning: ${sentence}.\n`);
			const file = options.check ?? options.write;
			if (file === undefined) return list(loaded, sources, options, terminal);
			const folder = dirname(resolve(file));
			const surfaces = listInWords(loaded.surfaces, sources, folder);
			if (options.write === undefined) check(surfaces, module, file, options, terminal);
			else write(surfaces, file, terminal);
		});
}

function list(
	{ surfaces, hasRoutes }: LoadedSurfaces,
	sources: Sources,
	options: Options,
	terminal: Terminal,
): void {
	const listed = listInWords(surfaces, sources, process.cwd());
	if (options.json) {
		terminal.out(`${JSON.stringify(listed, undefined, "\t")}\n`);
		return;
	}
	terminal.out(renderTable(listed, terminal.hasColours === true));
	if (!hasRoutes)
		terminal.out(
			"Routes are not listed: the module exports no app of protect() of portcullis/hono.\n",
		);
}

function write(surfaces: readonly ListedSurface[], file: string, terminal: Terminal): void {
	try {
		writeFileSync(file, renderManifest(manifestOf(surfaces)));
	} catch (error) {
		throw new Exit(UNUSABLE, `${file} cannot be written: ${messageOf(error)}\n`);
	}
	terminal.out(`${countSurfaces(surfaces)}, written to ${file}. Look at the public ones.\n`);
}

function check(
	surfaces: readonly ListedSurface[],
	module: string,
	file: string,
	options: Options,
	terminal: Terminal,
): void {
	const again = `portcullis surfaces ${module}${options.export === undefined ? "" : ` --export ${options.export}`} --write ${file}`;
	const differences = compareManifests(read(file, again), manifestOf(surfaces));
	if (differences.length === 0) {
		terminal.out(`${countSurfaces(surfaces)}, as reviewed in ${file}.\n`);
		return;
	}
	const heading = `${module} is not what was reviewed in ${file}.`;
	const text = renderDifferences(differences, terminal.hasColours === true);
	terminal.out(
		`${heading}\n\n${text}\nIf this is meant to be, write the file anew and have the change reviewed:\n  ${again}\n`,
	);
	throw new Exit(DIFFERENT, "");
}

function read(file: string, again: string): Manifest {
	try {
		return parseManifest(readFileSync(file, "utf8"));
	} catch (error) {
		throw new Exit(
			UNUSABLE,
			`${file} cannot be used: ${messageOf(error)}\nTo write it anew:\n  ${again}\n`,
		);
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
