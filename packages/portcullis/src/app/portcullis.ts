import { ConfigError, type ConfigProblem } from "../base/errors.ts";
import type { AuthContext, Check, PageAuthContext, Rule } from "../guard/context.ts";
import { compilePathRules } from "../guard/path-rules.ts";
import type { Generic } from "../protocol/providers/generic.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import { isProduction, processEnvironment } from "./environment.ts";
import { Gate } from "./gate.ts";
import { createGateContext } from "./gate-context.ts";
import { IdentityResolver } from "./identity.ts";
import { consoleLog, safeLog } from "./log.ts";
import {
	type ClaimsOf,
	checkGateOptions,
	checkKitOptions,
	DEFAULT_ROUTES,
	type GateOptions,
	type Platform,
	type PortcullisOptions,
	type ProviderRef,
} from "./options.ts";
import { compileOrigin, ORIGIN_VARIABLE } from "./origin.ts";
import { resolveProviders } from "./providers.ts";
import { RuntimeLoader } from "./runtime.ts";
import { resolveSecrets } from "./secrets.ts";

/** What the rest of an app says its rules with, typed by the claims of the providers. */
export interface Kit<U extends OIDCUserInfo> {
	/**
	 * Names a check. Returns it unchanged: this is where its context gets its type.
	 *
	 * @typeParam C Narrow it to make a check for one kind of surface; the compiler then refuses it on another.
	 */
	check<C extends AuthContext<U> = AuthContext<U>>(check: Check<C>): Check<C>;
	/**
	 * Puts the gate in front of an app.
	 *
	 * @throws {ConfigError} with every mistake in the options of `portcullis`, of the gate, in the environment and in the providers, each
	 *   with its remedy. What can only be known after a lazy import is reported by `gate.ready()`.
	 */
	gate(options?: GateOptions<U>): Gate<U>;
}

/**
 * Says who signs people in. Needs no network, and neither does `kit.gate`: the providers are asked at the first login.
 *
 * Reads `{PROVIDER}_*` and `OIDC_*`, `PORTCULLIS_SECRET`, `PORTCULLIS_ORIGIN` and `NODE_ENV` from the environment, once.
 */
export function portcullis<const P extends readonly ProviderRef[] = readonly [typeof Generic]>(
	options: PortcullisOptions<P> = {},
): Kit<ClaimsOf<P[number]>> {
	type U = ClaimsOf<P[number]>;
	const platform: Platform = {
		env: options.platform?.env ?? processEnvironment(),
		fetch: options.platform?.fetch ?? ((input, init) => globalThis.fetch(input, init)),
		log: safeLog(options.platform?.log ?? consoleLog),
		now: options.platform?.now ?? Date.now,
	};
	const problems: ConfigProblem[] = checkKitOptions(options as PortcullisOptions);
	const paths = { ...DEFAULT_ROUTES, ...options.routes };
	const origin = compileOrigin(options.origin, options.trustProxy, platform.env);
	const { set, problems: providerProblems } = resolveProviders(options.providers, {
		env: platform.env,
		fetch: platform.fetch,
		extraScopes: options.extraScopes ?? [],
		timeout: options.timeout ?? 5,
		clockTolerance: options.clockTolerance ?? 60,
		now: platform.now,
	});
	problems.push(...origin.problems, ...providerProblems);
	// With all providers there, a missing secret shows now; otherwise a lazy provider may still bring one.
	if (!set.isLazy && providerProblems.length === 0) {
		const found = resolveSecrets(
			options.secret,
			platform.env,
			set.ready.map((provider) => provider.clientSecret),
		);
		if ("problems" in found) problems.push(...found.problems);
	}
	const loader = new RuntimeLoader(set, options.secret, platform);
	const identities = new IdentityResolver(platform.now, platform.log);

	return {
		check: (check) => check,
		gate(gateOptions = {}) {
			const all = [...problems, ...checkGateOptions(gateOptions as GateOptions, paths)];
			if (all.length > 0) throw new ConfigError(all);
			if (isProduction(platform.env) && origin.pinned.length === 0) {
				const message = `${ORIGIN_VARIABLE} is not set: redirect URIs follow the Host header, and only the provider's list of registered URIs limits them`;
				platform.log({ level: "warning", code: "config_invalid", message });
			}
			const pages = Object.entries(gateOptions.pages ?? {}).map(
				([pattern, { auth }]) => [pattern, auth as Rule<PageAuthContext>] as const,
			);
			const context = createGateContext({
				paths,
				platform,
				views: gateOptions.views ?? {},
				loader,
				identities,
				findOrigin: origin.find,
			});
			const defaultRule = (options.auth ?? true) as Rule<PageAuthContext>;
			return new Gate<U>(context, compilePathRules(Object.fromEntries(pages), gateOptions.assets ?? [], defaultRule));
		},
	};
}
