import type { ConfigProblem } from "../base/errors.ts";
import type { StandardSchemaV1 } from "../base/standard-schema.ts";
import { isStringList } from "./json.ts";
import { isLoopbackHttp } from "./url-rules.ts";

/**
 * What a provider can be given in code. Each value goes before its environment variable; a blank
 * one counts as not set.
 */
export interface ProviderSettings<C extends object = object> {
	/** Issuer of the provider, exactly as its metadata names it. Variable: `ISSUER_URI`. */
	readonly issuer?: string | undefined;
	/** Variable: `CLIENT_ID`. */
	readonly clientId?: string | undefined;
	/** Variable: `CLIENT_SECRET`. Without one the client is public and rests on PKCE. */
	readonly clientSecret?: string | undefined;
	/**
	 * `audience` of the authorization request: the API that the access token is for. Variable:
	 * `AUDIENCE`.
	 */
	readonly audience?: string | undefined;
	/** Replaces `openid email profile`; `openid` is asked for in any case. */
	readonly scopes?: readonly string[] | undefined;
	/** Label of the login button. */
	readonly displayName?: string | undefined;
	/**
	 * Type that logout tokens must name in their header. Default `logout+jwt`. `any` for a provider
	 * that leaves it out or says `JWT`: a logout token is then known by its claims alone.
	 */
	readonly logoutTokenType?: "logout+jwt" | "any" | undefined;
	/**
	 * Standard Schema (zod, valibot, arktype) that the claims of the ID token and of userinfo,
	 * merged, must fit: at a login, at a renewal, and wherever a session is opened. What it makes of
	 * them is what checks and handlers see. Its type goes with it from `defineProvider` and
	 * `Generic`; other classes keep the claims that they declare.
	 */
	readonly claims?: StandardSchemaV1<unknown, C> | undefined;
}

/** Where the values that are not in code come from. */
export interface SettingsSource {
	/** Name of the provider. */
	readonly name: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Prefixes of the variables, the first that is set wins: `OKTA_`, `OIDC_`. */
	readonly prefixes: readonly string[];
	/** The issuer for what was configured, which is `undefined` if nothing was. Default: the same. */
	readonly issuerFor?: (configured: string | undefined) => string | undefined;
}

/** The settings of a provider with nothing left open. */
export interface ResolvedSettings {
	readonly issuer: string;
	readonly clientId: string;
	readonly clientSecret: string | undefined;
	readonly audience: string | undefined;
}

const KEYS: ReadonlySet<string> = new Set([
	"issuer",
	"clientId",
	"clientSecret",
	"audience",
	"scopes",
	"displayName",
	"logoutTokenType",
	"claims",
]);

/**
 * Resolves settings and environment, and finds every mistake in them. No network.
 *
 * Values are trimmed, the secret too: a line break at the end of a mounted secret is common, one
 * that belongs to it is not known.
 */
export function resolveSettings(
	settings: ProviderSettings,
	source: SettingsSource,
): ResolvedSettings | ConfigProblem[] {
	const issuer = completeIssuer(resolve(settings.issuer, "ISSUER_URI", source), source);
	const clientId = resolve(settings.clientId, "CLIENT_ID", source);
	const clientSecret = resolve(
		settings.clientSecret,
		"CLIENT_SECRET",
		withoutForeignSecret(source, clientId?.value),
	);
	const audience = resolve(settings.audience, "AUDIENCE", source);
	const problems = [...findNameProblems(source), ...findShapeProblems(settings, source)];
	if (issuer === undefined)
		problems.push(
			missing(
				"issuer",
				"ISSUER_URI",
				"the issuer of the provider, such as https://id.example.com",
				source,
			),
		);
	else problems.push(...findIssuerProblems(issuer));
	if (clientId === undefined)
		problems.push(
			missing("client id", "CLIENT_ID", "the id that the provider gave to this app", source),
		);
	else if (/\p{Cc}/u.test(clientId.value)) {
		problems.push({
			problem: `${clientId.from} has a control character in it.`,
			remedy: "Copy the client id again.",
		});
	}
	if (problems.length > 0 || issuer === undefined || clientId === undefined) return problems;
	return {
		issuer: issuer.value,
		clientId: clientId.value,
		clientSecret: clientSecret?.value,
		audience: audience?.value,
	};
}

/** A value and where it was found, for messages. */
interface Found {
	readonly value: string;
	/** `OKTA_ISSUER_URI`, or `issuer of provider "okta"`. */
	readonly from: string;
}

function resolve(setting: unknown, key: string, source: SettingsSource): Found | undefined {
	const set = typeof setting === "string" ? setting.trim() : "";
	if (set !== "")
		return { value: set, from: `The setting for ${key} of provider "${source.name}"` };
	for (const prefix of source.prefixes) {
		const value = source.env[prefix + key]?.trim() ?? "";
		if (value !== "") return { value, from: prefix + key };
	}
	return undefined;
}

function completeIssuer(
	found: Found | undefined,
	{ name, issuerFor }: SettingsSource,
): Found | undefined {
	const value = issuerFor === undefined ? found?.value : issuerFor(found?.value);
	return value === undefined
		? undefined
		: { value, from: found?.from ?? `The issuer of provider "${name}"` };
}

/**
 * Leaves out a secret that belongs to another client: beside `OIDC_CLIENT_ID=a`,
 * `OIDC_CLIENT_SECRET` is a's. A provider whose own client id is `b` must not send it, least of all
 * to the other provider's endpoint.
 */
function withoutForeignSecret(
	source: SettingsSource,
	clientId: string | undefined,
): SettingsSource {
	const prefixes = source.prefixes.filter((prefix) => {
		const neighbour = source.env[`${prefix}CLIENT_ID`]?.trim() ?? "";
		return neighbour === "" || neighbour === clientId;
	});
	return { ...source, prefixes };
}

function findNameProblems({ name }: SettingsSource): ConfigProblem[] {
	if (typeof name === "string" && /^[a-z][a-z0-9_]{0,31}$/.test(name)) return [];
	return [
		{
			problem: `The provider name ${JSON.stringify(name)} cannot be part of a path, a cookie name and a variable.`,
			remedy:
				"Use 1 to 32 lower-case letters, digits and underscores, a letter first, such as my_idp.",
		},
	];
}

function findShapeProblems(settings: ProviderSettings, { name }: SettingsSource): ConfigProblem[] {
	const problems: ConfigProblem[] = [];
	for (const [key, value] of Object.entries(settings)) {
		if (!KEYS.has(key)) {
			problems.push({
				problem: `Provider "${name}" has no setting ${JSON.stringify(key)}.`,
				remedy: `Remove it, or use one of ${[...KEYS].join(", ")}.`,
			});
		} else if (
			key !== "scopes" &&
			key !== "claims" &&
			value !== undefined &&
			typeof value !== "string"
		) {
			problems.push({
				problem: `The setting ${key} of provider "${name}" is not a string.`,
				remedy: "Pass a string, or leave it out.",
			});
		}
	}
	const { claims, logoutTokenType } = settings;
	if (claims !== undefined && typeof claims?.["~standard"]?.validate !== "function") {
		problems.push({
			problem: `The setting claims of provider "${name}" is no Standard Schema.`,
			remedy: "Pass a schema of zod, valibot, arktype or another library that implements it.",
		});
	}
	if (
		typeof logoutTokenType === "string" &&
		logoutTokenType !== "logout+jwt" &&
		logoutTokenType !== "any"
	) {
		problems.push({
			problem: `The setting logoutTokenType of provider "${name}" is ${JSON.stringify(logoutTokenType)}.`,
			remedy:
				'Leave it out for "logout+jwt", or use "any" for a provider that does not name the type.',
		});
	}
	if (
		settings.scopes !== undefined &&
		!(isStringList(settings.scopes) && settings.scopes.every(isScope))
	) {
		problems.push({
			problem: `The setting scopes of provider "${name}" is not a list of scopes.`,
			remedy: 'Pass one string per scope, such as ["openid", "groups"].',
		});
	}
	return problems;
}

/**
 * True for one scope as RFC 6749 section 3.3 spells it: visible ASCII without space, quote and
 * backslash.
 */
export function isScope(text: string): boolean {
	return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text);
}

function findIssuerProblems({ value, from }: Found): ConfigProblem[] {
	const shown = JSON.stringify(value.slice(0, 200));
	const remedy =
		"Set it to the issuer exactly as the provider's metadata names it, such as https://id.example.com/tenant.";
	// The URL parser drops tabs and line breaks, but the issuer is compared as it stands.
	const url = /[\s\p{Cc}]/u.test(value) || !URL.canParse(value) ? undefined : new URL(value);
	// Not quoted where it may hold a password.
	if (url === undefined) return [{ problem: `${from} is not a URL.`, remedy }];
	if (url.username !== "" || url.password !== "")
		return [{ problem: `${from} has a user name or password in it.`, remedy }];
	const problems: ConfigProblem[] = [];
	if (url.protocol !== "https:" && !isLoopbackHttp(url)) {
		const https =
			"Use the https address of the provider. Plain http is for localhost, 127.0.0.1 and [::1] only.";
		problems.push({ problem: `${from} is ${shown}, which is not https.`, remedy: https });
	}
	// Looked for in the text: a lone "?" or "#" at the end vanishes from the parsed URL.
	if (/[?#]/.test(value))
		problems.push({ problem: `${from} is ${shown}, with a query or fragment.`, remedy });
	if (url.pathname.includes("/.well-known/")) {
		problems.push({
			problem: `${from} is ${shown}, the address of the metadata.`,
			remedy: "Leave out /.well-known/ and what follows.",
		});
	}
	return problems;
}

function missing(
	what: string,
	key: string,
	meaning: string,
	{ name, prefixes }: SettingsSource,
): ConfigProblem {
	const variables = prefixes.map((prefix) => prefix + key).join(" or ");
	return {
		problem: `Provider "${name}" has no ${what}.`,
		remedy: `Set ${variables} to ${meaning}.`,
	};
}
