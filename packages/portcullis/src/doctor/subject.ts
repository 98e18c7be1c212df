import { isPortcullisError, PortcullisError } from "../base/errors.ts";
import { type BoundedFetch, createBoundedFetch } from "../protocol/http.ts";
import type { Provider } from "../protocol/provider.ts";

/** A provider that is looked at, and what the looking may use. */
export interface Subject {
	/** Connected. */
	readonly provider: Provider;
	/** The platform's. */
	readonly fetch: typeof fetch;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	/** Of one call, in seconds. */
	readonly timeout: number;
	/** What the app tolerates of the provider's clock, in seconds. */
	readonly clockTolerance: number;
	/**
	 * Redirect URIs to be tried, such as `https://app.example.com/callback`. Empty if they are
	 * unknown.
	 */
	readonly redirectUris: readonly string[];
	/** What the app asks for, where that was seen. Default: what the provider asks for by itself. */
	readonly scopes?: readonly string[] | undefined;
	/** Claims that the app's checks read. */
	readonly claims: readonly string[];
	/** True if the app says that it needs them; false if they are a guess. */
	readonly needsClaims: boolean;
	/** Claims of a person who has signed in. */
	readonly sample?: Readonly<Record<string, unknown>> | undefined;
}

/** Calls to the provider under the limits that all calls of the library have. */
export function boundedFetch({ provider, fetch, timeout }: Subject): BoundedFetch {
	return createBoundedFetch({
		fetch,
		timeout,
		issuer: new URL(provider.issuer),
		provider: provider.name,
	});
}

/**
 * The variable that sets a value of the provider, as the person would write it: `OKTA_ISSUER_URI`,
 * `OIDC_ISSUER_URI`.
 */
export function variable({ provider }: Subject, key: string): string {
	return provider.name === "generic" ? `OIDC_${key}` : `${provider.name.toUpperCase()}_${key}`;
}

/** What was thrown, as one of ours. */
export function toError(error: unknown): PortcullisError {
	return isPortcullisError(error)
		? error
		: new PortcullisError("internal_error", "Something unforeseen went wrong", { cause: error });
}
