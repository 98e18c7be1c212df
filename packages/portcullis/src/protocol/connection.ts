import { PortcullisError } from "../base/errors.ts";
import { Discovery } from "./discovery.ts";
import { type BoundedFetch, createBoundedFetch } from "./http.ts";
import { KeySet } from "./jwks.ts";
import type { ProviderSettings, ResolvedSettings } from "./provider-settings.ts";
import type { ProviderRuntime } from "./types.ts";

/** What `connect` sets up, replaced as a whole. */
export interface Connection {
	readonly settings: ResolvedSettings;
	readonly runtime: ProviderRuntime;
	readonly fetch: BoundedFetch;
	readonly discovery: Discovery;
	readonly keys: KeySet;
	/**
	 * The same keys under a budget of their own: logout tokens can be sent by any caller, and must
	 * not spend what logins need.
	 */
	readonly logoutKeys: KeySet;
	/** Likewise for access tokens that are presented to the app. */
	readonly accessTokenKeys: KeySet;
}

/** What a provider was given, and what it has made of it. */
interface Secrets {
	readonly settings: ProviderSettings;
	connection: Connection | undefined;
}

/**
 * Apart from the objects: neither console.log nor JSON.stringify of a provider can show the client
 * secret or the environment, and a subclass cannot reach them.
 */
const SECRETS = new WeakMap<object, Secrets>();

/** Keeps the settings that a provider was constructed with. */
export function keepSettings(provider: object, settings: ProviderSettings): void {
	SECRETS.set(provider, { settings: { ...settings }, connection: undefined });
}

/** The settings that a provider was constructed with. */
export function settingsOf(provider: object): ProviderSettings {
	return secretsOf(provider).settings;
}

/** Keeps what a provider has connected; `undefined` where it could not. */
export function keepConnection(provider: object, connection: Connection | undefined): void {
	secretsOf(provider).connection = connection;
}

/** What a provider has connected; `undefined` before `connect`. */
export function maybeConnectionOf(provider: object): Connection | undefined {
	return SECRETS.get(provider)?.connection;
}

/** The same for code that runs after `connect`. */
export function connectionOf(provider: { readonly name: string }): Connection {
	const connection = maybeConnectionOf(provider);
	if (connection !== undefined) return connection;
	const { name } = provider;
	throw new PortcullisError("internal_error", `Provider "${name}" is used before connect().`, {
		provider: name,
	});
}

/**
 * Sets a provider up. No network.
 *
 * @param otherIssuers issuers besides the configured one whose metadata are accepted.
 */
export function connectionFor(
	provider: string,
	settings: ResolvedSettings,
	runtime: ProviderRuntime,
	otherIssuers: () => readonly string[],
): Connection {
	const { issuer } = settings;
	const { now, timeout, observe } = runtime;
	const fetch = createBoundedFetch({
		...{ fetch: runtime.fetch, issuer: new URL(issuer), timeout, provider },
		...(observe ? { observe } : {}),
	});
	const discovery = new Discovery({ issuer, otherIssuers, fetch, now, provider });
	const uri = async () => (await discovery.metadata()).jwksUri;
	const keySet = () => new KeySet({ uri, fetch, now, provider });
	return {
		...{ settings, runtime, fetch, discovery },
		...{ keys: keySet(), logoutKeys: keySet(), accessTokenKeys: keySet() },
	};
}

function secretsOf(provider: object): Secrets {
	const secrets = SECRETS.get(provider);
	if (secrets === undefined) throw new TypeError("A provider was not constructed by its class");
	return secrets;
}
