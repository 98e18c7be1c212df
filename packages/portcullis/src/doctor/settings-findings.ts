import { type Environment, isProduction } from "../config/environment.ts";
import type { ProviderRef } from "../config/options.ts";
import { compileOrigin, keepsSecureCookies, ORIGIN_VARIABLE } from "../config/origin.ts";
import { resolveProviders } from "../config/providers.ts";
import {
	clientSecretVariable,
	clientSecretWeakness,
	isDevelopmentSecret,
	resolveSecrets,
	SECRET_VARIABLE,
} from "../config/secrets.ts";
import type { Provider } from "../protocol/provider.ts";
import type { ProviderRuntime } from "../protocol/types.ts";
import { configFinding, type Finding, fail, ok, warn } from "./finding.ts";

/** What the variables of an app say, judged as the library does at start. */
export interface SettingsResult {
	readonly findings: readonly Finding[];
	/** Those that could be set up, connected; also where they are in each other's way. */
	readonly providers: readonly Provider[];
	/** Public origins that are pinned. */
	readonly origins: readonly string[];
}

/**
 * Sets the providers up, and looks for everything that would keep a gate from starting. No network.
 */
export async function examineSettings(
	refs: readonly ProviderRef[] | undefined,
	runtime: ProviderRuntime,
): Promise<SettingsResult> {
	const { env } = runtime;
	const { set, problems } = resolveProviders(refs, runtime);
	const loaded = set.isLazy ? await set.load() : { providers: set.ready, problems: [] };
	const found = [...problems, ...loaded.problems];
	const names = loaded.providers.map(({ name }) => name).join(", ");
	const origin = examineOrigin(env);
	return {
		findings: [
			...found.map((problem) => configFinding("settings", problem)),
			...(found.length === 0 ? [ok("settings", `The variables are complete: ${names}`)] : []),
			...origin.findings,
			...(found.length === 0 ? examineSecrets(env, loaded.providers) : []),
		],
		providers: loaded.providers,
		origins: origin.pinned,
	};
}

function examineSecrets(env: Environment, providers: readonly Provider[]): readonly Finding[] {
	const result = resolveSecrets(undefined, env, providers);
	if ("problems" in result)
		return result.problems.map((problem) => configFinding("cookie-secret", problem));
	const fix = `Set ${SECRET_VARIABLE}: npx portcullis secret`;
	if ((env[SECRET_VARIABLE] ?? "").trim() !== "")
		return [
			ok("cookie-secret", `Cookies are sealed with ${SECRET_VARIABLE}`),
			...providers.flatMap((provider) => weakClientSecret(provider, env)),
		];
	if (result.warnings.length > 0)
		return result.warnings.map((cause) =>
			warn("cookie-secret", { title: "Sessions end with the process", cause, fix }),
		);
	if (providers.length > 1)
		return [
			warn("cookie-secret", {
				title: "In production the gate does not start",
				cause: `There is no ${SECRET_VARIABLE}, and each provider knows its own client secret: several need one that none of them knows`,
				fix,
			}),
		];
	return [ok("cookie-secret", "Cookie keys are derived from the client secret")];
}

/** No key comes from it, but the app is known by it. */
function weakClientSecret(provider: Provider, env: Environment): readonly Finding[] {
	if (provider.clientSecret === undefined || isDevelopmentSecret(provider.clientSecret)) return [];
	const weakness = clientSecretWeakness(provider);
	if (weakness === undefined) return [];
	const variable = clientSecretVariable(provider, env);
	return [
		warn("cookie-secret", {
			provider: provider.name,
			title: `The client secret of ${provider.name} is weak`,
			cause: `${variable} ${weakness}. No cookie rests on it here, but whoever finds it can pass for this app at the provider`,
			fix: `Have the provider make a new client secret, and set ${variable} to it.`,
		}),
	];
}

function examineOrigin(env: Environment): {
	findings: readonly Finding[];
	pinned: readonly string[];
} {
	const { pinned, problems } = compileOrigin(undefined, undefined, env);
	if (problems.length > 0)
		return { findings: problems.map((problem) => configFinding("origin", problem)), pinned: [] };
	const plain = pinned.filter((origin) => !keepsSecureCookies(origin));
	if (plain.length > 0) return { findings: plain.map(plainOrigin), pinned };
	if (pinned.length > 0)
		return { findings: [ok("origin", `The public origin is ${pinned.join(", ")}`)], pinned };
	if (!isProduction(env)) return { findings: [], pinned };
	return {
		findings: [
			warn("origin", {
				title: "The public origin is not pinned",
				cause: `${ORIGIN_VARIABLE} is not set: redirect URIs follow the Host header, and only the provider's list of them limits what they can be`,
				fix: `Set ${ORIGIN_VARIABLE} to scheme and host of the app, such as https://app.example.com.`,
			}),
		],
		pinned,
	};
}

/** An origin on which no person can sign in. */
export function plainOrigin(origin: string): Finding {
	return fail("https", {
		title: `Nobody can sign in at ${origin}`,
		cause: "It is plain http: over it browsers drop every Secure cookie, and no session is kept",
		fix: `Serve the app over https, and name that origin in ${ORIGIN_VARIABLE}. Plain http is for localhost only.`,
	});
}
