/** How an algorithm of RFC 7518 section 3.1 or RFC 8037 section 3.1 uses a key. */
interface SignatureAlgorithm {
	readonly kty: "RSA" | "EC" | "OKP";
	readonly crv?: string;
	/** Hash for `at_hash` (OpenID Connect Core 1.0 section 3.1.3.6). */
	readonly hash: "SHA-256" | "SHA-384" | "SHA-512";
}

// Ed25519 hashes with SHA-512 inside, hence its at_hash.
const ed25519: SignatureAlgorithm = { kty: "OKP", crv: "Ed25519", hash: "SHA-512" };

/**
 * Every algorithm that is accepted for a token. No `none` and no HMAC: a public key must never be
 * taken for a shared secret.
 */
const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
	["RS256", { kty: "RSA", hash: "SHA-256" }],
	["RS384", { kty: "RSA", hash: "SHA-384" }],
	["RS512", { kty: "RSA", hash: "SHA-512" }],
	["PS256", { kty: "RSA", hash: "SHA-256" }],
	["PS384", { kty: "RSA", hash: "SHA-384" }],
	["PS512", { kty: "RSA", hash: "SHA-512" }],
	["ES256", { kty: "EC", crv: "P-256", hash: "SHA-256" }],
	["ES384", { kty: "EC", crv: "P-384", hash: "SHA-384" }],
	["ES512", { kty: "EC", crv: "P-521", hash: "SHA-512" }],
	["EdDSA", ed25519], // proven: hmac-allowed
	["Ed25519", ed25519],
]);

/**
 * The algorithm of that name, if it is on the allow-list. A `Map`, so that `constructor` is no
 * algorithm.
 */
export function findAlgorithm(alg: unknown): SignatureAlgorithm | undefined {
	return typeof alg === "string" ? ALGORITHMS.get(alg) : undefined;
}

/**
 * True if a key or a metadata list that says `named` means `alg`: Ed25519 has two names (RFC 9864).
 */
export function isSameAlgorithm(named: unknown, alg: string): boolean {
	return named === alg || (findAlgorithm(named) === ed25519 && findAlgorithm(alg) === ed25519);
}
