import type { ConfigProblem } from "../base/errors.ts";
import { policyOfLoginsAlone } from "../protocol/claims-policy.ts";
import type { Provider } from "../protocol/provider.ts";
import { unknownKeys } from "./option-row.ts";

/** Whose access tokens let programs in. */
export interface BearerOptions {
	/** What the app is called as an API: `aud` of the token must name it, or one of several. */
	readonly audience: string | readonly string[];
	/** Names of the providers whose tokens count. Default: all of the gate's. */
	readonly providers?: readonly string[];
	/** Scopes that every token must have, for every request. Default: none. */
	readonly scopes?: readonly string[];
}

/** The names in `bearer.providers` that no provider has. To be asked once all of them are there. */
export function unknownProviders(
	{ providers = [] }: BearerOptions,
	names: readonly string[],
): ConfigProblem[] {
	return providers
		.filter((name) => !names.includes(name))
		.map((name) => ({
			problem: `http.bearer.providers has "${name}", which is no provider of this gate`,
			remedy: `There are: ${names.join(", ")}.`,
		}));
}

/**
 * A class that says whom it lets in for logins alone would take any person's access tokens. To be
 * asked once all providers are there.
 */
export function loginPolicies(
	options: BearerOptions,
	providers: readonly Provider[],
): ConfigProblem[] {
	return providers
		.filter(({ name }) => options.providers?.includes(name) !== false)
		.flatMap((provider) => {
			const method = policyOfLoginsAlone(provider);
			if (method === undefined) return [];
			return {
				problem: `Provider "${provider.name}" overrides ${method}, which access tokens do not come by, and bearer takes its access tokens`,
				remedy: `Say in verifyClaims of its class whose tokens count: all of them pass it. Return true there if ${method} decides nothing about that, or name the providers whose access tokens count in bearer.providers.`,
			};
		});
}

/** Looks at the option `http.bearer`. Returns every mistake. */
export function checkBearer(options: unknown): ConfigProblem[] {
	const problems = unknownKeys("http.bearer", options, ["audience", "providers", "scopes"]);
	if (problems.length > 0) return problems;
	const { audience, providers, scopes } = options as BearerOptions;
	if (!isNames(typeof audience === "string" ? [audience] : audience))
		problems.push({
			problem: "http.bearer.audience is neither a text nor a list of texts",
			remedy:
				"Name the app as the provider knows it as an API, such as https://app.example.com/api.",
		});
	if (providers !== undefined && !isNames(providers))
		problems.push({
			problem: "http.bearer.providers is no list of names",
			remedy: "Name the providers whose access tokens count, or leave it out for all.",
		});
	if (
		scopes !== undefined &&
		!(isNames(scopes) && scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)))
	)
		problems.push({
			problem: "http.bearer.scopes is no list of scopes",
			remedy: "Give one scope an entry, without spaces (RFC 6749 section 3.3), or leave it out.",
		});
	return problems;
}

function isNames(value: unknown): value is readonly string[] {
	return (
		Array.isArray(value) &&
		value.length > 0 &&
		value.every((entry) => typeof entry === "string" && entry.trim() !== "")
	);
}
