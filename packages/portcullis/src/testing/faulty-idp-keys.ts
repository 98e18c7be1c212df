import { constants, generateKeyPair, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { promisify } from "node:util";

/** Signature algorithms that the identity provider can sign with. */
export type FaultyAlgorithm = "RS256" | "PS256" | "ES256" | "EdDSA";

/** A key pair with a name. */
export interface SigningKey {
	readonly kid: string;
	readonly alg: FaultyAlgorithm;
	readonly publicKey: KeyObject;
	/** The public half as it stands in the key set. */
	readonly jwk: Readonly<Record<string, unknown>>;
	/** Signs ASCII text. Returns the signature in base64url (RFC 7515 section 5.1). */
	sign(input: string): string;
	/** True if `signature`, in base64url, is this key's over `input`. */
	verifies(input: string, signature: string): boolean;
}

/** The keys of an identity provider: what it publishes, newest first, and what it signs with. */
export interface KeySet {
	/** Published keys; the first one signs. */
	readonly published: readonly SigningKey[];
	/** A key that is not published, for forgeries; always the same one. */
	rogue(): Promise<SigningKey>;
	/** Signs with a new key from now on. `keepOld` leaves the old ones published. */
	rotate(keepOld: boolean): Promise<void>;
	/** True if one of the keys, past ones included, made this signature. */
	verifies(input: string, signature: string): boolean;
}

/** Makes a key set with one key. */
export async function createKeySet(alg: FaultyAlgorithm): Promise<KeySet> {
	let published = [await createKey(alg)];
	const all = [...published];
	return {
		get published() {
			return published;
		},
		rogue: () => rogueKey(alg),
		async rotate(keepOld) {
			const key = await createKey(alg);
			published = [key, ...(keepOld ? published : [])];
			all.push(key);
		},
		verifies: (input, signature) => all.some((key) => key.verifies(input, signature)),
	};
}

const rogueKeys = new Map<FaultyAlgorithm, Promise<SigningKey>>();

function rogueKey(alg: FaultyAlgorithm): Promise<SigningKey> {
	const key = rogueKeys.get(alg) ?? createKey(alg);
	rogueKeys.set(alg, key);
	return key;
}

/** Makes a key pair for an algorithm, with a random `kid`. */
export async function createKey(alg: FaultyAlgorithm): Promise<SigningKey> {
	const { publicKey, privateKey } = await pairs[alg]();
	const kid = randomBytes(6).toString("base64url");
	return {
		kid,
		alg,
		publicKey,
		jwk: { ...publicKey.export({ format: "jwk" }), kid, alg, use: "sig" },
		sign: (input) => signatures[alg].sign(Buffer.from(input), privateKey).toString("base64url"),
		verifies: (input, signature) =>
			signatures[alg].verify(Buffer.from(input), publicKey, Buffer.from(signature, "base64url")),
	};
}

/**
 * A public key without a private key: as large as a real one, and as quick to make as random bytes.
 */
export function inventKey(): Record<string, unknown> {
	const modulus = randomBytes(256);
	modulus[0] = 0xc0;
	return {
		kty: "RSA",
		n: modulus.toString("base64url"),
		e: "AQAB",
		kid: randomBytes(6).toString("base64url"),
		alg: "RS256",
		use: "sig",
	};
}

interface Pair {
	readonly publicKey: KeyObject;
	readonly privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);
const rsa = (): Promise<Pair> => generate("rsa", { modulusLength: 2048 });

const pairs: Readonly<Record<FaultyAlgorithm, () => Promise<Pair>>> = {
	RS256: rsa,
	PS256: rsa,
	ES256: () => generate("ec", { namedCurve: "P-256" }),
	EdDSA: () => generate("ed25519"),
};

interface Scheme {
	sign(data: Buffer, key: KeyObject): Buffer;
	verify(data: Buffer, key: KeyObject, signature: Buffer): boolean;
}

function scheme(hash: string | null, options: object): Scheme {
	return {
		sign: (data, key) => sign(hash, data, { key, ...options }),
		verify: (data, key, signature) => verify(hash, data, { key, ...options }, signature),
	};
}

const signatures: Readonly<Record<FaultyAlgorithm, Scheme>> = {
	RS256: scheme("sha256", {}),
	PS256: scheme("sha256", { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
	// JWS wants the two numbers side by side, not DER (RFC 7518 section 3.4).
	ES256: scheme("sha256", { dsaEncoding: "ieee-p1363" }),
	EdDSA: scheme(null, {}),
};
