import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { Command } from "commander";
import { type Environment, processEnvironment } from "../config/environment.ts";
import { OPTIONS } from "../config/option-table.ts";
import { providersOf } from "./doctor/choose-providers.ts";
import { diagnose } from "./doctor/diagnose.ts";
import { collect, parseName, parseOrigin, parseTimeout } from "./doctor/options.ts";
import { plainFetch } from "./doctor/plain-fetch.ts";
import { renderFindings } from "./doctor/report.ts";
import { readSample } from "./doctor/sample.ts";
import { Exit } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

/** Something has to be fixed. */
const FAILED = 1;
const USAGE = 2;
const DEFAULT_FILE = ".env";

interface Options {
	readonly url?: string;
	readonly env?: string;
	readonly provider?: readonly string[];
	readonly scope?: readonly string[];
	readonly claim?: readonly string[];
	readonly sample?: string;
	readonly timeout: number;
	readonly json?: true;
}

/** `portcullis doctor`: walks the login path and says what is wrong, why, and what to do. */
export function doctorCommand(terminal: Terminal): Command {
	return new Command("doctor")
		.description(
			"Walk the login path, from the variables to the callback, and say what is wrong, why, and what to do. Signs nobody in.",
		)
		.option(
			"--url <origin>",
			"look at the app that runs there, too, such as https://app.example.com",
			parseOrigin,
		)
		.option("--env <file>", "file with variables; those of the process go first")
		.option(
			"--provider <name>",
			"provider to look at; repeatable (default: those whose variables are set)",
			parseName,
		)
		.option("--scope <scope>", "scope of the app's extraScopes; repeatable", collect)
		.option("--claim <name>", "claim that a check of the app reads; repeatable", collect)
		.option(
			"--sample <file>",
			"JSON of a token response or of claims, - for the standard input; never shown",
		)
		.option(
			"--timeout <seconds>",
			"of one call, from 0.1 to 60",
			parseTimeout,
			OPTIONS.platform.timeout.fallback,
		)
		.option("--json", "print JSON")
		.action(async (options: Options) => {
			const env = readEnvironment(options);
			const findings = await diagnose(
				{
					env,
					url: options.url,
					providers: options.provider ?? [],
					scopes: options.scope ?? [],
					claims: options.claim,
					sample:
						options.sample === undefined ? undefined : await readSample(options.sample, terminal),
					timeout: options.timeout,
				},
				{ fetch: (input, init) => fetch(input, init), appFetch: plainFetch, now: Date.now },
			);
			terminal.out(
				options.json
					? `${JSON.stringify({ findings }, undefined, "\t")}\n`
					: renderFindings(findings, terminal.hasColours === true),
			);
			if (options.env === undefined && providersOf(env).length === 0 && existsSync(DEFAULT_FILE))
				terminal.err(
					`No provider's variables are set, and there is a ${DEFAULT_FILE}: did you mean --env ${DEFAULT_FILE}?\n`,
				);
			if (findings.some(({ status }) => status === "fail")) throw new Exit(FAILED, "");
		});
}

/** The variables of the process, over those of a file: as `node --env-file` has it. */
function readEnvironment({ env: file }: Options): Environment {
	const own = processEnvironment();
	if (file === undefined) return own;
	try {
		return { ...parseEnv(readFileSync(file, "utf8")), ...own };
	} catch (error) {
		throw new Exit(USAGE, `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).\n`);
	}
}
