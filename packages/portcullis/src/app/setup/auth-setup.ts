import { consoleLog, createErrorId, createLog, type LineWriter } from "../../audit/log.ts";
import { GuardedTelemetry } from "../../audit/telemetry.ts";
import { type ConfigProblem, isPortcullisError } from "../../base/errors.ts";
import { checkOptions, type Resolved, resolveOptions } from "../../config/check-options.ts";
import { processEnvironment } from "../../config/environment.ts";
import {
	DEFAULT_ROUTES,
	type Platform,
	type PortcullisOptions,
	type RoutePaths,
} from "../../config/options.ts";
import { type CompiledOrigin, compileOrigin } from "../../config/origin.ts";
import { type ProviderSet, resolveProviders } from "../../config/providers.ts";
import { RuntimeLoader } from "../../config/runtime.ts";
import { missingSecret, resolveSecrets } from "../../config/secrets.ts";
import type { PageAuthContext, Rule } from "../../guard/context.ts";
import type { ProviderRuntime } from "../../protocol/types.ts";
import type { StateStore } from "../../store/contract.ts";

/** What all gates of one `portcullis()` have in common. */
export interface AuthSetup {
	/** The rule of every surface without one of its own. */
	readonly defaultRule: Rule<PageAuthContext>;
	/** The store that was named; without one each gate has a memory of its own. */
	readonly store: StateStore | undefined;
	readonly session: Resolved<"session">;
	readonly http: Resolved<"http">;
	readonly ui: Resolved<"ui">;
	readonly listeners: Resolved<"platform">;
	readonly platform: Platform;
	/** Like `platform.log`, with a share for each network. */
	readonly writeLine: LineWriter;
	readonly telemetry: GuardedTelemetry | undefined;
	readonly paths: RoutePaths;
	readonly origin: CompiledOrigin;
	readonly providers: ProviderSet;
	readonly loader: RuntimeLoader;
	/** Every mistake so far. They are reported when a gate is made, beside its own. */
	readonly problems: readonly ConfigProblem[];
}

/** Reads the options of `portcullis` and the environment. Throws nothing: mistakes are kept. */
export function setUpAuth(options: PortcullisOptions): AuthSetup {
	const [session, http] = [
		resolveOptions("session", options.session),
		resolveOptions("http", options.http),
	];
	const given = resolveOptions("platform", options.platform);
	const { platform, writeLine } = createPlatform(given);
	const telemetry =
		given.telemetry && new GuardedTelemetry(given.telemetry, platform.log, platform.now);
	const origin = compileOrigin(options.origin, http.trustProxy, platform.env);
	const providers = resolveProviders(
		options.providers,
		providerRuntime(options, given, platform, telemetry),
	);
	const loader = new RuntimeLoader(
		providers.set,
		options.secret,
		platform,
		telemetry && ((...value) => telemetry.recordUnsealFailure(...value)),
	);
	return {
		defaultRule: resolveOptions("portcullis", options).auth as unknown as Rule<PageAuthContext>,
		store: options.store,
		...{ session, http, ui: resolveOptions("ui", options.ui), listeners: given },
		...{ platform, writeLine, telemetry, origin, loader },
		paths: { ...DEFAULT_ROUTES, ...http.routes },
		providers: providers.set,
		problems: [
			...checkOptions(options),
			...origin.problems,
			...providers.problems,
			...secretProblems(options, platform, providers),
		],
	};
}

function createPlatform(given: Resolved<"platform">): {
	platform: Platform;
	writeLine: LineWriter;
} {
	const now = given.now ?? Date.now;
	const log = createLog(given.log ?? consoleLog, now);
	const env = given.env ?? processEnvironment();
	const fetch: Platform["fetch"] = given.fetch ?? ((input, init) => globalThis.fetch(input, init));
	return { platform: { env, fetch, log, now }, writeLine: log };
}

function providerRuntime(
	{ extraScopes }: PortcullisOptions,
	{ timeout, clockTolerance }: Resolved<"platform">,
	{ env, fetch, now, log }: Platform,
	telemetry: GuardedTelemetry | undefined,
): ProviderRuntime {
	return {
		...{ env, fetch, timeout, clockTolerance, now },
		extraScopes: Array.isArray(extraScopes) ? extraScopes : [],
		report: (cause, provider) => {
			const code = isPortcullisError(cause) ? cause.code : "internal_error";
			const message = "A hook failed after a renewal; the session was renewed all the same";
			log({ level: "error", code, message, id: createErrorId(), provider, cause });
		},
		...(telemetry ? { observe: (call, run) => telemetry.providerCall(call, run) } : {}),
	};
}

/**
 * With all providers there, a missing or weak secret shows now; a lazy provider may still bring
 * one, if it is the only one.
 */
function secretProblems(
	{ secret, providers: refs }: PortcullisOptions,
	{ env }: Platform,
	{ set, problems }: ReturnType<typeof resolveProviders>,
): readonly ConfigProblem[] {
	if (set.isLazy) {
		const missing = missingSecret(secret, env, refs?.length ?? 1);
		return missing ? [missing] : [];
	}
	if (problems.length > 0) return [];
	const found = resolveSecrets(secret, env, set.ready);
	return "problems" in found ? found.problems : [];
}
