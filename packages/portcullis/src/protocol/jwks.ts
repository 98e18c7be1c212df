import type { JWK } from "jose";
import { LoginError } from "../base/errors.ts";
import { type BoundedFetch, MAX_METADATA_BYTES } from "./http.ts";
import { isJsonObject, type JsonObject, readJsonObject } from "./json.ts";
import { findAlgorithm, isSameAlgorithm } from "./signature-algorithms.ts";
import { SingleFlight } from "./single-flight.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Keys of one set that are looked at. Real sets have two or three. */
const MAX_KEYS = 100;
/**
 * Keys with one `kid` that a signature is tried with. Sets repeat one at most, while a key is
 * replaced.
 */
const MAX_OF_KID = 4;
/**
 * Milliseconds after which a set in use is fetched again, so that a withdrawn key does not stay.
 */
const FRESH_FOR = 10 * 60 * 1000;
/** Milliseconds for which a failed first fetch is repeated without asking again. */
const FAILURE_FOR = 2000;
/**
 * Refetches at once, and milliseconds until there is one more. Three, so that two rotations within
 * ten seconds cost no login.
 */
const BUCKET_CAPACITY = 3;
const BUCKET_INTERVAL = 5000;
/** Milliseconds for which an unknown kid stays unknown, and how many of them are remembered. */
const UNKNOWN_FOR = 2000;
const MAX_UNKNOWN = 1000;
/** RSA keys below this many bits are ignored (RFC 7518 section 3.3). */
const MIN_RSA_BITS = 2048;

/** What the header of a token says about its key. Nothing of it is verified. */
export interface KeyRequest {
	readonly alg: string;
	readonly kid: string | undefined;
}

export interface KeySetOptions {
	/** Where the set is; asked before each fetch, since metadata can change. */
	readonly uri: () => Promise<string>;
	readonly fetch: BoundedFetch;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	/** Name of the provider, for errors. */
	readonly provider: string;
}

/** Keys that fit a token. */
export interface FoundKeys {
	/**
	 * Keys that may have signed it; empty if there is none. More than one only where the set repeats
	 * a `kid`.
	 */
	readonly keys: readonly CryptoKey[];
	/**
	 * False if there are none, and it could not be checked whether there are by now: the budget for
	 * refetches is spent.
	 */
	readonly isSettled: boolean;
	/**
	 * Keys to try once more after the signature did not hold with any of `keys`: some providers
	 * replace a key and keep its `kid`. Empty if the token is not worth it, the budget for refetches
	 * is spent or the set could not be had.
	 */
	again(): Promise<readonly CryptoKey[]>;
}

/** A set at one moment. Imported keys are kept with it, so that they go when it goes. */
interface Snapshot {
	/** Number of the fetch that brought it. */
	readonly sequence: number;
	readonly keys: readonly JsonObject[];
	readonly imported: Map<string, Promise<CryptoKey | undefined>>;
	readonly fetchedAt: number;
}

/**
 * The signature keys of one issuer (OpenID Connect Core 1.0 section 10.1.1).
 *
 * Fetched when first needed and again after ten minutes in use, on a `kid` that it lacks and on a
 * signature that does not hold. All refetches share one budget (three, then one per five seconds),
 * so forged tokens cause no storm. Each of them brings all keys: where forged tokens have spent the
 * budget, the next refetch still follows a rotation, five seconds later at most. While the provider
 * is down the old set serves.
 */
export class KeySet {
	readonly #options: KeySetOptions;
	readonly #flight: SingleFlight<Snapshot>;
	readonly #bucket: TokenBucket;
	/** Unknown kids with the time until which they stay so; oldest first. */
	readonly #unknown: Map<string, number> = new Map();
	/** Fetches begun so far. */
	#begun = 0;
	#current: Snapshot | undefined;
	#failure: { readonly error: unknown; readonly at: number } | undefined;

	constructor(options: KeySetOptions) {
		this.#options = options;
		this.#flight = new SingleFlight(() => this.#fetch());
		this.#bucket = new TokenBucket(BUCKET_CAPACITY, BUCKET_INTERVAL, options.now);
	}

	/**
	 * Keys that may have signed such a token: those with its `kid`, or, where it has none, the only
	 * one that fits its algorithm.
	 *
	 * @param requireWorthAsking Called before a refetch; throws where the token is refused either
	 *   way, so that the budget is kept.
	 * @throws LoginError `provider_unreachable` or `provider_misconfigured` if a set was needed and
	 *   could not be had; what `requireWorthAsking` throws.
	 */
	async find(
		request: KeyRequest,
		requireWorthAsking: () => void | Promise<void> = () => {},
	): Promise<FoundKeys> {
		const begunBefore = this.#begun;
		let snapshot = await this.#fresh();
		for (;;) {
			const keys = await select(snapshot, request);
			if (keys.length > 0 || this.#isUnknown(request))
				return this.#found(keys, snapshot, request, requireWorthAsking);
			// A fetch that had begun before this call may have been answered before the key came into
			// being: its answer can give a key, but not deny one. Only a fetch that began later settles
			// it.
			if (snapshot.sequence > begunBefore) {
				this.#remember(request);
				return this.#found([], snapshot, request, requireWorthAsking);
			}
			await requireWorthAsking(); // proven: unworthy-refetch
			const newer = await this.#newerThan(snapshot);
			if (newer === undefined)
				return { ...this.#found([], snapshot, request, requireWorthAsking), isSettled: false };
			snapshot = newer;
		}
	}

	#found(
		keys: readonly CryptoKey[],
		snapshot: Snapshot,
		request: KeyRequest,
		requireWorthAsking: () => void | Promise<void>,
	): FoundKeys {
		return {
			keys,
			isSettled: true,
			again: async () => {
				try {
					await requireWorthAsking(); // proven: unworthy-second-look
					const newer = await this.#newerThan(snapshot);
					return newer === undefined ? [] : await select(newer, request);
				} catch {
					// The token is refused either way, or the new set cannot be had: the signature was wrong.
					return [];
				}
			},
		};
	}

	async #fresh(): Promise<Snapshot> {
		const current = this.#current;
		const now = this.#options.now();
		if (current === undefined) {
			const failure = this.#failure;
			if (failure !== undefined && now >= failure.at && now - failure.at < FAILURE_FOR)
				throw failure.error;
			return this.#flight.run();
		}
		if (now >= current.fetchedAt && now - current.fetchedAt < FRESH_FOR) return current;
		return (await this.#newerThan(current).catch(() => undefined)) ?? current;
	}

	/**
	 * The set that replaced `snapshot`, the one on its way, or a new one; `undefined` if the budget
	 * for refetches is spent.
	 */
	async #newerThan(snapshot: Snapshot): Promise<Snapshot | undefined> {
		if (this.#current !== undefined && this.#current !== snapshot) return this.#current;
		if (this.#flight.running !== undefined) return this.#flight.running;
		return this.#bucket.take() ? this.#flight.run() : undefined; // proven: no-refetch-budget
	}

	async #fetch(): Promise<Snapshot> {
		const sequence = ++this.#begun;
		try {
			const keys = await fetchKeys(this.#options);
			this.#current = { sequence, keys, imported: new Map(), fetchedAt: this.#options.now() };
			this.#failure = undefined;
			return this.#current;
		} catch (error) {
			this.#failure = { error, at: this.#options.now() };
			throw error;
		}
	}

	#isUnknown(request: KeyRequest): boolean {
		const until = this.#unknown.get(unknownKey(request));
		const left = until === undefined ? 0 : until - this.#options.now();
		return left > 0 && left <= UNKNOWN_FOR;
	}

	#remember(request: KeyRequest): void {
		const key = unknownKey(request);
		this.#unknown.delete(key);
		this.#unknown.set(key, this.#options.now() + UNKNOWN_FOR);
		const [oldest] = this.#unknown.keys();
		if (this.#unknown.size > MAX_UNKNOWN && oldest !== undefined) this.#unknown.delete(oldest);
	}
}

function unknownKey({ alg, kid }: KeyRequest): string {
	return JSON.stringify([alg, kid]);
}

async function fetchKeys(options: KeySetOptions): Promise<readonly JsonObject[]> {
	const { provider } = options;
	const uri = await options.uri();
	const headers = { accept: "application/json" };
	const response = await options.fetch(uri, {
		headers,
		maxBytes: MAX_METADATA_BYTES,
		operation: "jwks",
	});
	const document = response.status === 200 ? await readJsonObject(response) : undefined;
	const entries = Array.isArray(document?.keys) ? document.keys.slice(0, MAX_KEYS) : []; // proven: no-key-limit
	const keys = entries.filter(isJsonObject).filter(isSignatureKey);
	// A set without a single key is a provider in trouble. Taking it over would end all logins until
	// the next fetch.
	if (keys.length > 0) return keys; // proven: empty-key-set
	const reason = response.status === 200 ? "jwks" : `status_${response.status}`;
	throw new LoginError(
		"provider_misconfigured",
		`${new URL(uri).host} answered without a usable key set.`,
		{
			provider,
			reason,
		},
	);
}

function isSignatureKey(key: JsonObject): boolean {
	const isForVerifying =
		key.key_ops === undefined || (Array.isArray(key.key_ops) && key.key_ops.includes("verify"));
	// proven: no-key-use, no-key-ops
	return (
		["RSA", "EC", "OKP"].includes(String(key.kty)) && (key.use ?? "sig") === "sig" && isForVerifying
	);
}

async function select(snapshot: Snapshot, { alg, kid }: KeyRequest): Promise<CryptoKey[]> {
	const found: CryptoKey[] = [];
	for (const [index, key] of snapshot.keys.entries()) {
		if ((kid !== undefined && key.kid !== kid) || !fits(key, alg)) continue; // proven: no-kid
		const cacheKey = `${alg} ${index}`;
		const importing = snapshot.imported.get(cacheKey) ?? importKey(key, alg);
		snapshot.imported.set(cacheKey, importing);
		const imported = await importing;
		if (imported !== undefined) found.push(imported);
		if (found.length === MAX_OF_KID) break; // proven: many-of-kid
	}
	// OpenID Connect Core 1.0 section 10.1: without a kid there must be only one key to choose from.
	return kid === undefined && found.length !== 1 ? [] : found; // proven: many-without-kid
}

function fits(key: JsonObject, alg: string): boolean {
	const algorithm = findAlgorithm(alg);
	if (algorithm === undefined || key.kty !== algorithm.kty) return false; // proven: no-key-type
	if (algorithm.crv !== undefined && key.crv !== algorithm.crv) return false; // proven: no-key-curve
	return key.alg === undefined || isSameAlgorithm(key.alg, alg); // proven: no-key-alg
}

/**
 * Imports the public members alone: a set that leaks private ones is not made worse here.
 * `undefined` for a key that is none.
 */
async function importKey(
	{ kty, n, e, crv, x, y }: JsonObject,
	alg: string,
): Promise<CryptoKey | undefined> {
	const members =
		kty === "RSA" ? { kty, n, e } : kty === "EC" ? { kty, crv, x, y } : { kty, crv, x };
	if (!Object.values(members).every((member) => typeof member === "string")) return undefined;
	// At the first login: see `verifyWithOne` in id-token.ts.
	const { importJWK } = await import("jose/key/import");
	try {
		const key = await importJWK(members as JWK, alg);
		return key instanceof Uint8Array || isWeak(key) ? undefined : key;
	} catch {
		// One broken key must not take the others with it.
		return undefined;
	}
}

function isWeak(key: CryptoKey): boolean {
	return "modulusLength" in key.algorithm && Number(key.algorithm.modulusLength) < MIN_RSA_BITS; // proven: weak-rsa
}
