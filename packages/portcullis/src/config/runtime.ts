import { ConfigError } from "../base/errors.ts";
import { createKeyRing, type KeyRing, type UnsealFailed } from "../crypto/key-ring.ts";
import type { Provider } from "../protocol/provider.ts";
import { type CookieNames, cookieNames } from "../session/cookie-names.ts";
import type { Platform } from "./options.ts";
import type { ProviderSet } from "./providers.ts";
import { resolveSecrets } from "./secrets.ts";

/** A provider with the keys and cookie names of its sessions. */
export interface ConnectedProvider {
	readonly provider: Provider;
	/** Seals and opens what is of this provider. No other provider knows a secret of it. */
	readonly ring: KeyRing;
	readonly names: CookieNames;
	/** True for the sessions in other sites' frames, which have cookies of their own. */
	readonly isEmbedded: boolean;
}

/**
 * What exists only once lazy providers are imported and keys derived. Nothing of it needs the
 * network.
 */
export interface Runtime {
	readonly providers: readonly ConnectedProvider[];
	/** The same providers, in the same order, for sessions in other sites' frames. */
	readonly embedded: readonly ConnectedProvider[];
	/** Seals and opens what belongs to no provider: forms, names of clients, popup handoffs. */
	readonly ring: KeyRing;
}

/**
 * The providers of the set that one belongs to, without it: of their sessions, one at a time is
 * there.
 */
export function siblingsOf(
	runtime: Runtime,
	connected: ConnectedProvider,
): readonly ConnectedProvider[] {
	return (connected.isEmbedded ? runtime.embedded : runtime.providers).filter(
		(other) => other !== connected,
	);
}

/**
 * Makes the runtime at the first call that needs it, and remembers it. A failure is not remembered:
 * the next call tries again.
 */
export class RuntimeLoader {
	#loading: Promise<Runtime> | undefined;
	#current: Runtime | undefined;
	readonly #set: ProviderSet;
	readonly #secret: string | readonly string[] | undefined;
	readonly #platform: Platform;
	readonly #recordUnsealFailure: UnsealFailed | undefined;

	constructor(
		set: ProviderSet,
		secret: string | readonly string[] | undefined,
		platform: Platform,
		recordUnsealFailure?: UnsealFailed,
	) {
		this.#set = set;
		this.#secret = secret;
		this.#platform = platform;
		this.#recordUnsealFailure = recordUnsealFailure;
	}

	/** The runtime if it is there already: the path of every request but the first ones. */
	get current(): Runtime | undefined {
		return this.#current;
	}

	/**
	 * @throws {ConfigError} if a lazily imported provider is wrong, or no cookie key can be derived.
	 */
	load(): Promise<Runtime> {
		this.#loading ??= this.#assemble().then(
			(runtime) => {
				this.#current = runtime;
				return runtime;
			},
			(error: unknown) => {
				this.#loading = undefined;
				throw error;
			},
		);
		return this.#loading;
	}

	async #assemble(): Promise<Runtime> {
		const { providers, problems } = await this.#set.load();
		const found = resolveSecrets(this.#secret, this.#platform.env, providers);
		if (problems.length > 0 || "problems" in found)
			throw new ConfigError([...problems, ...("problems" in found ? found.problems : [])]);
		for (const message of found.warnings)
			this.#platform.log({ level: "warning", code: "config_invalid", message });
		const { ofProviders, shared } = found;
		const [ring, ...rings] = await Promise.all([shared, ...ofProviders].map(this.#ringOf()));
		const named = await Promise.all(
			providers.map(async (provider, i) => ({
				provider,
				ring: rings[i] as KeyRing,
				sets: await cookieNames(provider.name, provider.issuer, provider.clientId),
			})),
		);
		return {
			providers: named.map(({ sets, ...rest }) => ({
				...rest,
				names: sets.ordinary,
				isEmbedded: false,
			})),
			embedded: named.map(({ sets, ...rest }) => ({
				...rest,
				names: sets.embedded,
				isEmbedded: true,
			})),
			ring: ring as KeyRing,
		};
	}

	/**
	 * Makes rings, one for equal lists of secrets: with one provider, and with `PORTCULLIS_SECRET`,
	 * there is one for all.
	 */
	#ringOf(): (secrets: readonly string[]) => Promise<KeyRing> {
		const made = new Map<string, Promise<KeyRing>>();
		return (secrets) => {
			const key = JSON.stringify(secrets);
			const ring = made.get(key) ?? createKeyRing(secrets, this.#recordUnsealFailure);
			made.set(key, ring);
			return ring;
		};
	}
}
