import type { Environment } from "../../config/environment.ts";
import { OPTIONS } from "../../config/option-table.ts";
import { compileOrigin } from "../../config/origin.ts";
import { providerClassOf } from "../doctor/choose-providers.ts";
import { Exit } from "../exit.ts";
import type { Terminal } from "../terminal.ts";
import type { Prompts } from "./prompts.ts";

/** What was given by options. */
export interface GivenSettings {
	readonly issuer?: string;
	readonly clientId?: string;
	readonly clientSecretStdin?: true;
	readonly clientSecretEnv?: string;
	readonly public?: true;
	readonly origin?: readonly string[];
}

/** What a provider is connected with. */
export interface ConnectSettings {
	/** `undefined` for a provider whose issuer is known. */
	readonly issuer: string | undefined;
	readonly clientId: string;
	/** `undefined` for a public client. */
	readonly clientSecret: string | undefined;
	/** At least one. */
	readonly origins: readonly string[];
}

/** The names of a provider's variables. */
export interface VariableNames {
	readonly issuer: string;
	readonly clientId: string;
	readonly clientSecret: string;
}

const USAGE = 2;
const USUAL_ORIGIN = "http://localhost:3000";

export function variablesOf(provider: string): VariableNames {
	const prefix = provider === "generic" ? "OIDC" : provider.toUpperCase();
	return {
		issuer: `${prefix}_ISSUER_URI`,
		clientId: `${prefix}_CLIENT_ID`,
		clientSecret: `${prefix}_CLIENT_SECRET`,
	};
}

/**
 * Settings from options, else from variables that are set already.
 *
 * @throws {Exit} 2, with everything that is missing.
 */
export async function givenSettings(
	provider: string,
	given: GivenSettings,
	env: Environment,
	terminal: Terminal,
): Promise<ConnectSettings> {
	const names = variablesOf(provider);
	const issuer = given.issuer ?? present(env, names.issuer);
	const clientId = given.clientId ?? present(env, names.clientId);
	const clientSecret =
		(await givenSecret(given, terminal)) ??
		(given.public ? undefined : present(env, names.clientSecret));
	const origins = given.origin ?? pinnedOrigins(env);
	const missing = [
		issuer === undefined && needsIssuer(provider) && "--issuer <uri>",
		clientId === undefined && "--client-id <id>",
		clientSecret === undefined &&
			!given.public &&
			"--client-secret-stdin, --client-secret-env <name> or --public",
		origins.length === 0 && "--origin <origin>",
	].filter((text) => text !== false);
	if (missing.length > 0 || clientId === undefined)
		throw new Exit(
			USAGE,
			`portcullis connect asks nothing without a terminal. Give ${missing.join("; ")}.\n`,
		);
	return { issuer, clientId, clientSecret, origins };
}

/** Where settings come from that no option has given. */
export interface Asking {
	readonly env: Environment;
	readonly terminal: Terminal;
	readonly prompts: Prompts;
}

/**
 * Settings from options, and for the rest from a person. Asks for what was tried before as well, if
 * there is `tried`.
 */
export async function askedSettings(
	provider: string,
	given: GivenSettings,
	asking: Asking,
	tried?: ConnectSettings,
): Promise<ConnectSettings> {
	const { env, prompts } = asking;
	const names = variablesOf(provider);
	const ask = (option: string | undefined, message: string, initial: string | undefined) =>
		option !== undefined && tried === undefined
			? option
			: prompts.text(message, initial ?? "", (answer) =>
					answer.trim() === "" ? "It cannot be empty." : undefined,
				);
	const issuer = needsIssuer(provider)
		? await ask(given.issuer, "Issuer", tried?.issuer ?? given.issuer ?? present(env, names.issuer))
		: given.issuer;
	const clientId = await ask(
		given.clientId,
		"Client id",
		tried?.clientId ?? given.clientId ?? present(env, names.clientId),
	);
	const clientSecret = await askedSecret(given, names, asking, tried);
	const origins = tried?.origins ?? given.origin ?? (await askedOrigins(env, prompts));
	return { issuer, clientId, clientSecret, origins };
}

async function askedSecret(
	given: GivenSettings,
	names: VariableNames,
	{ env, terminal, prompts }: Asking,
	tried: ConnectSettings | undefined,
): Promise<string | undefined> {
	if (given.public) return undefined;
	const option = tried === undefined ? await givenSecret(given, terminal) : undefined;
	if (option !== undefined) return option;
	const former = tried?.clientSecret ?? present(env, names.clientSecret);
	const hint =
		former === undefined ? "empty for a public client" : "empty to keep the one that is set";
	const answer = await prompts.secret(`Client secret (${hint})`);
	return answer.trim() === "" ? former : answer.trim();
}

async function askedOrigins(env: Environment, prompts: Prompts): Promise<readonly string[]> {
	const initial = pinnedOrigins(env).join(", ") || USUAL_ORIGIN;
	const answer = await prompts.text("Origins of the app, separated by commas", initial, (text) => {
		const { pinned, problems } = compileOrigin(text, undefined, {});
		if (problems.length > 0) return "Give scheme, host and port, such as https://app.example.com.";
		return pinned.length === 0 ? "Give at least one." : undefined;
	});
	return compileOrigin(answer, undefined, {}).pinned;
}

async function givenSecret(given: GivenSettings, terminal: Terminal): Promise<string | undefined> {
	const { clientSecretStdin, clientSecretEnv } = given;
	if (clientSecretStdin) {
		const text = ((await terminal.in?.()) ?? "").trim();
		if (text === "" || /[\r\n]/.test(text))
			throw new Exit(
				USAGE,
				"The standard input holds no client secret: give it alone, in one line.\n",
			);
		return text;
	}
	if (clientSecretEnv === undefined) return undefined;
	const text = process.env[clientSecretEnv]?.trim() ?? "";
	if (text === "") throw new Exit(USAGE, `The variable ${clientSecretEnv} is not set.\n`);
	return text;
}

/** False for a provider that knows its issuer by itself. */
function needsIssuer(provider: string): boolean {
	const Class = providerClassOf(provider);
	const { timeout, clockTolerance } = OPTIONS.platform;
	const runtime = {
		fetch,
		extraScopes: [],
		timeout: timeout.fallback,
		clockTolerance: clockTolerance.fallback,
		now: Date.now,
	};
	return (
		new Class().connect({ ...runtime, env: { [variablesOf(provider).clientId]: "any" } }).length > 0
	);
}

function pinnedOrigins(env: Environment): readonly string[] {
	const { pinned, problems } = compileOrigin(undefined, undefined, env);
	return problems.length > 0 ? [] : pinned;
}

function present(env: Environment, name: string): string | undefined {
	return env[name]?.trim() || undefined;
}
