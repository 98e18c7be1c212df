import { join, relative, resolve } from "node:path";
import { Command, Option } from "commander";
import { type Environment, processEnvironment } from "../config/environment.ts";
import { OPTIONS } from "../config/option-table.ts";
import { examineProvider } from "../doctor/examine-provider.ts";
import type { Finding, FindingId } from "../doctor/finding.ts";
import { examineSettings } from "../doctor/settings-findings.ts";
import { type Registration, registrations, renderRegistrations } from "./connect/addresses.ts";
import {
	isExposedToGit,
	projectRoot,
	readEnvFile,
	replacePrivately,
	withVariables,
} from "./connect/env-file.ts";
import { type Prompts, terminalPrompts } from "./connect/prompts.ts";
import {
	askedSettings,
	type ConnectSettings,
	type GivenSettings,
	givenSettings,
	variablesOf,
} from "./connect/settings.ts";
import {
	isProviderName,
	PRESETS,
	providerClassOf,
	providersOf,
} from "./doctor/choose-providers.ts";
import { collect, parseOrigin, parseTimeout } from "./doctor/options.ts";
import { renderFindings } from "./doctor/report.ts";
import { Exit } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

/** The settings do not work, or nothing was to be changed. */
const REFUSED = 1;
const USAGE = 2;
const CLOCK_TOLERANCE = OPTIONS.platform.clockTolerance.fallback;

/**
 * What may be wrong before the app is registered at the provider, or is none of the settings'
 * fault.
 */
const NO_OBSTACLES: ReadonlySet<FindingId> = new Set([
	"redirect-uri",
	"scopes",
	"claims",
	"end-session",
	"pkce",
]);

const NO_NAME = `A provider is one of ${Object.keys(PRESETS).join(", ")}, or the name of your own: lower-case letters, digits and underscores.\n`;

interface Options extends GivenSettings {
	readonly clientSecret?: unknown;
	readonly envFile?: string;
	readonly yes?: true;
	readonly json?: true;
	readonly timeout: number;
}

/** One run of the command. */
interface Run {
	readonly provider: string;
	readonly options: Options;
	readonly terminal: Terminal;
	/** Absent if no question is to be asked. */
	readonly prompts: Prompts | undefined;
	/** Absolute. */
	readonly file: string;
	/** The variables of that file. */
	readonly present: Environment;
	/** The same under those of the process. */
	readonly env: Environment;
}

interface Checked {
	readonly findings: readonly Finding[];
	readonly register: readonly Registration[];
	readonly works: boolean;
}

/**
 * `portcullis connect`: takes a provider's settings, tries them, says what to register, and writes
 * them to `.env`.
 */
export function connectCommand(terminal: Terminal): Command {
	return (
		new Command("connect")
			.description(
				"Take the settings of a provider, try them, print the addresses to register there, and write .env at the root of the project. Asks in a terminal for what is not given.",
			)
			// Commander would quote what there is too much of, and that may be a secret.
			.allowUnknownOption()
			.argument("[provider]")
			.argument("[arguments...]")
			.usage("[provider] [options]")
			.addHelpText(
				"after",
				`\nProviders: ${Object.keys(PRESETS).join(", ")}, or the name of your own.`,
			)
			.option("--issuer <uri>", "issuer, as the provider's console shows it")
			.option("--client-id <id>", "id that the provider gave to the app")
			.option("--client-secret-stdin", "read the client secret from the standard input")
			.addOption(
				new Option(
					"--client-secret-env <name>",
					"read the client secret from this variable",
				).conflicts("clientSecretStdin"),
			)
			.addOption(
				new Option("--public", "a public client, without a secret").conflicts([
					"clientSecretStdin",
					"clientSecretEnv",
				]),
			)
			// Here to be refused by a message that does not quote it.
			.addOption(new Option("--client-secret [value]").hideHelp())
			.option(
				"--origin <origin>",
				"origin of the app; repeatable",
				(text, list?: readonly string[]) => collect(parseOrigin(text), list),
			)
			.option(
				"--env-file <file>",
				"file to write (default: .env at the root of the project or workspace)",
			)
			.option(
				"--timeout <seconds>",
				"of one call, from 0.1 to 60",
				parseTimeout,
				OPTIONS.platform.timeout.fallback,
			)
			.option("--yes", "write without asking, also over variables that are set")
			.option("--json", "print JSON, and ask nothing")
			.action(async (named: string | undefined, rest: readonly string[], options: Options) => {
				if (options.clientSecret !== undefined || rest.length > 0)
					throw new Exit(
						USAGE,
						"portcullis connect was given something that it does not know (see --help). It takes no secret as an argument: other users of this machine can see it, and it stays in the history of the shell. Use --client-secret-stdin or --client-secret-env. If that was a secret in use, replace it.\n",
					);
				const prompts = options.json
					? undefined
					: (terminal.prompts ?? (terminal.isInteractive ? await terminalPrompts() : undefined));
				const provider = named ?? (await prompts?.select("Which provider?", Object.keys(PRESETS)));
				if (provider !== undefined && !isProviderName(provider)) throw new Exit(USAGE, NO_NAME);
				if (provider === undefined)
					throw new Exit(USAGE, "Name the provider: portcullis connect okta\n");
				const file = resolve(options.envFile ?? join(projectRoot(process.cwd()), ".env"));
				const present = readPresent(file);
				await connect({
					provider,
					options,
					terminal,
					prompts,
					file,
					present,
					env: { ...present, ...processEnvironment() },
				});
			})
	);
}

async function connect(run: Run): Promise<void> {
	const { provider, options, terminal, prompts, env } = run;
	let settings = prompts
		? await askedSettings(provider, options, { env, terminal, prompts })
		: await givenSettings(provider, options, env, terminal);
	let checked = await check(run, settings);
	for (;;) {
		if (!options.json) terminal.out(renderFindings(checked.findings, terminal.hasColours === true));
		if (checked.works) break;
		if (!prompts || !(await prompts.confirm("That does not work yet. Change the settings?"))) {
			if (options.json) terminal.out(toJson(provider, checked));
			throw new Exit(REFUSED, "Nothing was written.\n");
		}
		settings = await askedSettings(provider, options, { env, terminal, prompts }, settings);
		checked = await check(run, settings);
	}
	if (!options.json) terminal.out(`\n${renderRegistrations(checked.register)}\n`);
	const written = await write(run, variables(provider, settings));
	if (options.json) terminal.out(toJson(provider, checked, { file: run.file, variables: written }));
}

/** The same questions to the provider that `doctor` asks. */
async function check(run: Run, settings: ConnectSettings): Promise<Checked> {
	const { provider: name, options, env: former } = run;
	const given = variables(name, settings);
	const env = { ...former, ...given };
	const now = Date.now;
	const call: typeof fetch = (input, init) => fetch(input, init);
	const { timeout } = options;
	const runtime = {
		env,
		fetch: call,
		now,
		timeout,
		extraScopes: [],
		clockTolerance: CLOCK_TOLERANCE,
	};
	const names = [...new Set([...providersOf(env), name])];
	const { findings, providers } = await examineSettings([providerClassOf(name)], runtime);
	const register = registrations(name, settings.origins, names.length > 1);
	const [provider] = providers;
	const own = findings.filter(({ id }) => id === "settings");
	if (provider === undefined) return { findings: own, register, works: false };
	const examined = await examineProvider({
		...{ provider, fetch: call, now, timeout },
		clockTolerance: CLOCK_TOLERANCE,
		redirectUris: register.map(({ redirectUri }) => redirectUri),
		claims: [],
		needsClaims: false,
	});
	const all = [
		...own,
		...(names.length > 1 ? await besideOthers(names, runtime, own) : []),
		...examined,
	];
	return {
		findings: all,
		register,
		works: !all.some(({ id, status }) => status === "fail" && !NO_OBSTACLES.has(id)),
	};
}

/**
 * Two providers can each be right and yet be in each other's way. Others that are not complete yet
 * are no business of this one.
 */
async function besideOthers(
	names: readonly string[],
	runtime: Parameters<typeof examineSettings>[1],
	own: readonly Finding[],
): Promise<readonly Finding[]> {
	const { findings } = await examineSettings(names.map(providerClassOf), runtime);
	const known = new Set(own.map(({ cause }) => cause));
	return findings.filter(
		({ id, cause }) => id === "settings" && cause?.startsWith("Providers ") && !known.has(cause),
	);
}

function variables(
	provider: string,
	settings: ConnectSettings,
): Record<string, string | undefined> {
	const { issuer, clientId, clientSecret } = settings;
	const names = variablesOf(provider);
	return {
		...(issuer === undefined ? {} : { [names.issuer]: issuer }),
		[names.clientId]: clientId,
		[names.clientSecret]: clientSecret,
	};
}

/** Returns the names of the variables that were written. */
async function write(
	run: Run,
	values: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
	const { options, terminal, prompts, file, present } = run;
	const shown = relative(process.cwd(), file) || file;
	const replaced = Object.keys(values).filter(
		(name) => present[name] !== undefined && present[name] !== values[name],
	);
	if (!options.yes) {
		const over = replaced.length > 0 ? `, over ${replaced.join(", ")}` : "";
		if (prompts && !(await prompts.confirm(`Write ${shown}${over}?`)))
			throw new Exit(REFUSED, "Nothing was written.\n");
		if (!prompts && replaced.length > 0)
			throw new Exit(
				REFUSED,
				`${shown} has other values of ${replaced.join(", ")}. To replace them add --yes. Nothing was written.\n`,
			);
	}
	try {
		replacePrivately(file, (text) => withVariables(text, values));
	} catch (error) {
		const reason =
			error instanceof RangeError ? error.message : String((error as NodeJS.ErrnoException).code);
		throw new Exit(USAGE, `${shown} cannot be written (${reason}).\n`);
	}
	const names = Object.keys(values).filter((name) => values[name] !== undefined);
	if (!options.json)
		terminal.out(`${names.join(", ")} written to ${shown}, readable by you alone.\n`);
	if (isExposedToGit(file))
		terminal.err(
			`Warning: Git does not ignore ${shown}, and a commit would publish the secret. Add .env to .gitignore.\n`,
		);
	const before = processEnvironment();
	const hidden = names.filter(
		(name) => before[name] !== undefined && before[name] !== values[name],
	);
	if (hidden.length > 0)
		terminal.err(
			`Warning: ${hidden.join(", ")} of this shell go before those of ${shown}, and have other values.\n`,
		);
	return names;
}

function readPresent(file: string): Environment {
	try {
		return readEnvFile(file);
	} catch (error) {
		throw new Exit(USAGE, `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).\n`);
	}
}

function toJson(
	provider: string,
	{ findings, register }: Checked,
	written?: { readonly file: string; readonly variables: readonly string[] },
): string {
	return `${JSON.stringify({ provider, findings, register, written: written ?? null }, undefined, "\t")}\n`;
}
