import { ConfigError, type ConfigProblem } from "../../base/errors.ts";
import { loginPolicies, unknownProviders } from "../../config/bearer-options.ts";
import { checkGateOptions } from "../../config/check-options.ts";
import type { GateOptions } from "../../config/options.ts";
import type { PageAuthContext, Rule } from "../../guard/context.ts";
import { compileFunctionRules } from "../../guard/function-address.ts";
import { compilePathRules } from "../../guard/path-rules.ts";
import { createStateRegistry } from "../../state/registry.ts";
import type { Protected } from "../surfaces.ts";
import type { AuthSetup } from "./auth-setup.ts";

/** What a gate protects, and by which rules. */
export interface GateRules {
	readonly protects: Protected;
	/** The rules of the functions that a request names. */
	readonly functionRules: ReturnType<typeof compileFunctionRules>;
}

/**
 * Compiles what is behind a gate.
 *
 * @param site Where `gate` was called.
 * @throws {ConfigError} with every mistake in the options of `portcullis` and of the gate.
 */
export function compileGateRules(
	setup: AuthSetup,
	options: GateOptions,
	site: string | undefined,
): GateRules {
	const { defaultRule } = setup;
	const states = createStateRegistry(options.states ?? {}, defaultRule as Rule<never>);
	const problems = [
		...setup.problems,
		...checkGateOptions(options, setup.paths),
		...states.problems,
	];
	if (problems.length === 0) problems.push(...bearerProblems(setup));
	if (problems.length > 0) throw new ConfigError(problems);
	const pages = Object.entries(options.pages ?? {}).map(
		([pattern, { auth }]) => [pattern, auth as Rule<PageAuthContext>] as const,
	);
	const assets = options.assets ?? [];
	const byPattern = Object.fromEntries(pages);
	const pathRules = compilePathRules(byPattern, assets, defaultRule);
	return {
		protects: { pages, assets, defaultRule, registry: states.registry, pathRules, site },
		functionRules: compileFunctionRules(byPattern, pathRules),
	};
}

/** Of lazy providers it is asked once they are there. */
function bearerProblems({ http: { bearer }, providers }: AuthSetup): ConfigProblem[] {
	if (!bearer || providers.isLazy) return [];
	const names = providers.ready.map(({ name }) => name);
	return [...unknownProviders(bearer, names), ...loginPolicies(bearer, providers.ready)];
}
