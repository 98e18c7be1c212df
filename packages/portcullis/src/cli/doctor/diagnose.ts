import { callbackPathOf } from "../../app/routes/paths.ts";
import type { Environment } from "../../config/environment.ts";
import { OPTIONS } from "../../config/option-table.ts";
import { DEFAULT_ROUTES } from "../../config/options.ts";
import { ORIGIN_VARIABLE } from "../../config/origin.ts";
import { SECRET_VARIABLE, splitSecrets } from "../../config/secrets.ts";
import { examineProvider } from "../../doctor/examine-provider.ts";
import { type Finding, fitToShow, skipped, warn } from "../../doctor/finding.ts";
import { examineSettings } from "../../doctor/settings-findings.ts";
import type { Provider } from "../../protocol/provider.ts";
import { type AppResult, examineApp } from "./app-findings.ts";
import { providerClassOf, providersOf } from "./choose-providers.ts";
import { examineBudget, type Sample } from "./sample.ts";

/** What is to be looked at. */
export interface DiagnoseOptions {
	readonly env: Environment;
	/** Names of providers. Default: those whose variables are set. */
	readonly providers?: readonly string[];
	/** Origin of a running app. */
	readonly url?: string | undefined;
	/** `extraScopes` of the app. */
	readonly scopes?: readonly string[];
	/** Claims that the app's checks read. Default: a guess, `groups`, that never fails. */
	readonly claims?: readonly string[] | undefined;
	readonly sample?: Sample | undefined;
	/** Of one call, in seconds. Default 5. */
	readonly timeout?: number;
}

/** What the looking takes from its surroundings. */
export interface DiagnosePlatform {
	/** For calls to providers. */
	readonly fetch: typeof fetch;
	/** For calls to the app: sends the headers that it is given, and no others. */
	readonly appFetch: typeof fetch;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
}

const TIMEOUT = 5;
const CLOCK_TOLERANCE = OPTIONS.platform.clockTolerance.fallback;

/** Walks the login path, from the variables to the callback, and says what is in its way. */
export async function diagnose(
	options: DiagnoseOptions,
	platform: DiagnosePlatform,
): Promise<readonly Finding[]> {
	const { env, url, timeout = TIMEOUT } = options;
	const { fetch, now } = platform;
	const names = options.providers?.length ? options.providers : providersOf(env);
	const runtime = {
		...{ env, fetch, now, timeout },
		extraScopes: options.scopes ?? [],
		clockTolerance: CLOCK_TOLERANCE,
	};
	const settings = await examineSettings(
		names.length > 0 ? names.map(providerClassOf) : undefined,
		runtime,
	);
	const { providers } = settings;
	const app = url === undefined ? undefined : await lookAtApp(url, providers, timeout, platform);
	const examined = await Promise.all(
		providers.map(async (provider) => {
			const seen = app?.logins.get(provider.name);
			const redirectUris = seen
				? [seen.redirectUri]
				: redirectUrisOf(provider, providers, settings.origins, url);
			const findings = await examineProvider({
				...{ provider, fetch, now, timeout, redirectUris },
				clockTolerance: CLOCK_TOLERANCE,
				scopes: seen?.scopes,
				claims: options.claims ?? ["groups"],
				needsClaims: options.claims !== undefined,
				sample: options.sample?.claims,
			});
			const budget = options.sample ? await examineBudget(provider, options.sample, now()) : [];
			return [...findings, ...(redirectUris.length === 0 ? [noOrigin(provider)] : []), ...budget];
		}),
	);
	const secrets = [
		...splitSecrets(env[SECRET_VARIABLE]),
		...providers.map(({ clientSecret }) => clientSecret),
	];
	return [...settings.findings, ...(app?.findings ?? []), ...examined.flat()].map((finding) =>
		fitToShow(finding, secrets),
	);
}

async function lookAtApp(
	origin: string,
	providers: readonly Provider[],
	timeout: number,
	{ appFetch }: DiagnosePlatform,
): Promise<AppResult> {
	const known = providers.map(({ name, issuer, clientId }) => ({ name, issuer, clientId }));
	const result = await examineApp({ origin, fetch: appFetch, timeout, providers: known });
	if (known.length > 0) return result;
	const unknown = warn("login", {
		title: "No login was begun",
		cause: "Nobody knows which providers the app has, as none is set up here",
		fix: "Give doctor the app's own variables with --env.",
	});
	return { ...result, findings: [...result.findings, unknown] };
}

/** Where the provider would send people back to, at every origin that is known. */
function redirectUrisOf(
	provider: Provider,
	providers: readonly Provider[],
	pinned: readonly string[],
	url: string | undefined,
): readonly string[] {
	const origins = pinned.length > 0 ? pinned : url === undefined ? [] : [url];
	return origins.map(
		(origin) =>
			origin + callbackPathOf(DEFAULT_ROUTES.callback, provider.name, providers.length > 1),
	);
}

function noOrigin({ name }: Provider): Finding {
	return skipped("redirect-uri", {
		provider: name,
		title: "Whether the redirect URI is registered was not looked at",
		cause: `Nobody knows the app's origin: neither --url nor ${ORIGIN_VARIABLE} names it`,
		fix: "Name it: doctor --url http://localhost:3000.",
	});
}
