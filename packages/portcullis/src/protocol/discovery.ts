import { type ErrorCode, LoginError, type PortcullisError } from "../base/errors.ts";
import { type BoundedFetch, MAX_METADATA_BYTES } from "./http.ts";
import { isStringList, type JsonObject, readJsonObject } from "./json.ts";
import { SingleFlight } from "./single-flight.ts";
import { findUrlProblem } from "./url-rules.ts";

/** Milliseconds after which an answer is refreshed, in the background. */
const FRESH_FOR = 60 * 60 * 1000;
/**
 * Milliseconds for which a failure is repeated without asking again: an outage costs one attempt
 * every two seconds.
 */
const FAILURE_FOR = 2000;

/**
 * What the provider says of itself (OpenID Connect Discovery 1.0 section 3), as far as it is used
 * here and was checked.
 */
export interface ProviderMetadata {
	/** As the provider wrote it. */
	readonly issuer: string;
	readonly authorizationEndpoint: string;
	readonly tokenEndpoint: string;
	readonly jwksUri: string;
	readonly userinfoEndpoint: string | undefined;
	readonly endSessionEndpoint: string | undefined;
	readonly revocationEndpoint: string | undefined;
	/** `undefined` where the provider does not say. */
	readonly tokenEndpointAuthMethods: readonly string[] | undefined;
	/** `undefined` where the provider does not say. */
	readonly idTokenSigningAlgs: readonly string[] | undefined;
	/** True if every authorization response carries `iss` (RFC 9207 section 3). */
	readonly sendsIssuer: boolean;
}

export interface DiscoveryOptions {
	/** The issuer exactly as configured. */
	readonly issuer: string;
	/**
	 * Issuers that the document may name besides the configured one, byte for byte. Empty for every
	 * ordinary provider.
	 */
	readonly otherIssuers: () => readonly string[];
	readonly fetch: BoundedFetch;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	/** Name of the provider, for errors. */
	readonly provider: string;
}

/**
 * The provider's metadata: fetched when first needed, kept for an hour, then refreshed in the
 * background while the old answer serves, for as long as the provider is down. Concurrent callers
 * share one request.
 */
export class Discovery {
	readonly #options: DiscoveryOptions;
	readonly #flight: SingleFlight<ProviderMetadata>;
	#current: { readonly metadata: ProviderMetadata; readonly fetchedAt: number } | undefined;
	#failure: { readonly error: unknown; readonly at: number } | undefined;

	constructor(options: DiscoveryOptions) {
		this.#options = options;
		this.#flight = new SingleFlight(() => this.#fetch());
	}

	/**
	 * @throws LoginError `provider_unreachable`; `issuer_mismatch` if the document names another
	 *   issuer (OpenID Connect Discovery 1.0 section 4.3); `provider_misconfigured` with the metadata
	 *   member, `format` or the refusal of the URL as reason.
	 */
	async metadata(): Promise<ProviderMetadata> {
		const now = this.#options.now();
		const failedJustNow =
			this.#failure !== undefined && isWithin(this.#failure.at, FAILURE_FOR, now);
		if (this.#current !== undefined) {
			const stale = !isWithin(this.#current.fetchedAt, FRESH_FOR, now);
			// The failure stays with #fetch: the answer in hand was checked and goes on serving.
			if (stale && !failedJustNow) this.#flight.run().catch(() => {});
			return this.#current.metadata;
		}
		if (failedJustNow) throw this.#failure?.error; // proven: no-failure-memory
		return this.#flight.run();
	}

	async #fetch(): Promise<ProviderMetadata> {
		try {
			const metadata = await fetchMetadata(this.#options);
			this.#current = { metadata, fetchedAt: this.#options.now() };
			this.#failure = undefined;
			return metadata;
		} catch (error) {
			this.#failure = { error, at: this.#options.now() };
			throw error;
		}
	}
}

/**
 * Where the metadata of an issuer is. Exactly one trailing slash goes before the path is appended
 * (OpenID Connect Discovery 1.0 section 4.1); a path stays, unlike in RFC 8414.
 */
export function wellKnownUrl(issuer: string): string {
	return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

/** False as well where the clock was set back: then nothing is known about the age. */
function isWithin(since: number, duration: number, now: number): boolean {
	return now >= since && now - since < duration;
}

async function fetchMetadata(options: DiscoveryOptions): Promise<ProviderMetadata> {
	const url = wellKnownUrl(options.issuer);
	const headers = { accept: "application/json" };
	const response = await options.fetch(url, {
		headers,
		maxBytes: MAX_METADATA_BYTES,
		operation: "discovery",
	});
	if (response.status !== 200) {
		const message = `${url} answered with status ${response.status}. Check the issuer.`;
		throw refusal(options, "provider_misconfigured", `status_${response.status}`, message);
	}
	const document = await readJsonObject(response);
	if (document === undefined) {
		throw refusal(
			options,
			"provider_misconfigured",
			"format",
			`${url} is not a JSON object. Check the issuer.`,
		);
	}
	return checkMetadata(document, options);
}

function checkMetadata(document: JsonObject, options: DiscoveryOptions): ProviderMetadata {
	const issuer = requireIssuer(document, options);
	requireListed(document, "code_challenge_methods_supported", "S256", options);
	requireListed(document, "response_types_supported", "code", options);
	return {
		issuer,
		authorizationEndpoint: requiredUrl(document, "authorization_endpoint", options),
		tokenEndpoint: requiredUrl(document, "token_endpoint", options),
		jwksUri: requiredUrl(document, "jwks_uri", options),
		userinfoEndpoint: optionalUrl(document, "userinfo_endpoint", options),
		endSessionEndpoint: optionalUrl(document, "end_session_endpoint", options),
		revocationEndpoint: optionalUrl(document, "revocation_endpoint", options),
		tokenEndpointAuthMethods: optionalList(
			document,
			"token_endpoint_auth_methods_supported",
			options,
		),
		idTokenSigningAlgs: optionalList(document, "id_token_signing_alg_values_supported", options),
		// Anything but a plain `false` or absence counts as true: requiring `iss` is the safe reading
		// of an odd value.
		sendsIssuer: (document.authorization_response_iss_parameter_supported ?? false) !== false,
	};
}

/**
 * Byte for byte, not as URLs: `https://a` and `https://a/` are two issuers, and ID tokens will name
 * one of them.
 */
function requireIssuer(document: JsonObject, options: DiscoveryOptions): string {
	const { issuer } = document;
	// proven: no-discovery-issuer
	if (
		typeof issuer === "string" &&
		(issuer === options.issuer || options.otherIssuers().includes(issuer))
	)
		return issuer;
	const named = typeof issuer === "string" ? JSON.stringify(issuer.slice(0, 200)) : "no issuer";
	const message = `The metadata of ${JSON.stringify(options.issuer)} names ${named}. The configured issuer must be the same, character for character.`;
	throw refusal(options, "issuer_mismatch", "discovery", message);
}

/**
 * Refuses a list that is there and lacks what we cannot go without. An absent list promises nothing
 * either way.
 */
function requireListed(
	document: JsonObject,
	member: string,
	value: string,
	options: DiscoveryOptions,
): void {
	const list = optionalList(document, member, options);
	if (list === undefined || list.includes(value)) return; // proven: no-s256-listed
	throw refusal(
		options,
		"provider_misconfigured",
		member,
		`The provider's ${member} does not list ${value}.`,
	);
}

function optionalList(
	document: JsonObject,
	member: string,
	options: DiscoveryOptions,
): readonly string[] | undefined {
	const value = document[member] ?? undefined;
	if (value === undefined || isStringList(value)) return value;
	throw refusal(
		options,
		"provider_misconfigured",
		member,
		`The provider's ${member} is not a list of strings.`,
	);
}

function requiredUrl(document: JsonObject, member: string, options: DiscoveryOptions): string {
	const url = optionalUrl(document, member, options);
	if (url !== undefined) return url; // proven: required-endpoint
	throw refusal(
		options,
		"provider_misconfigured",
		member,
		`The provider's metadata has no ${member}.`,
	);
}

/**
 * An endpoint is refused also where it is optional: a document with one bad endpoint is not to be
 * trusted with the others.
 */
function optionalUrl(
	document: JsonObject,
	member: string,
	options: DiscoveryOptions,
): string | undefined {
	const value = document[member] ?? undefined;
	if (value === undefined) return undefined;
	const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
	// RFC 6749 sections 3.1 and 3.2: no fragment.
	// proven: no-fragment-check
	if (url === undefined || url.hash !== "") {
		throw refusal(
			options,
			"provider_misconfigured",
			member,
			`The provider's ${member} is not an absolute URL without fragment.`,
		);
	}
	const problem = findUrlProblem(url, new URL(options.issuer));
	if (problem === undefined) return url.href; // proven: no-endpoint-check
	throw refusal(
		options,
		"provider_misconfigured",
		problem,
		`The provider's ${member} leads to ${url.host}, which is refused (${problem}).`,
	);
}

function refusal(
	{ provider }: DiscoveryOptions,
	code: ErrorCode,
	reason: string,
	message: string,
): PortcullisError {
	return new LoginError(code, message, { provider, reason });
}
