import { primitives } from "#aead";
import { isPromise } from "../base/maybe-promise.ts";
import { type AeadKey, KEY_BYTES, type MaybePromise } from "./aead.ts";

/**
 * What a key is for. Every purpose has its own key, so that a value sealed for one is nothing to
 * another.
 */
export type Purpose = "session" | "transaction" | "form" | "client" | "handoff";

const PURPOSES: readonly Purpose[] = ["session", "transaction", "form", "client", "handoff"];
/**
 * Characters of the key id in front of a sealed text: 24 bits tell the few keys of a ring apart.
 */
export const KEY_ID_LENGTH = 4;

const encoder = new TextEncoder();

/**
 * Keys derived from one or more secrets. The first secret seals, all of them open: that is how
 * secrets rotate. A sealed text is the key id, then base64url of nonce, ciphertext and tag.
 *
 * The nonce is random: one secret must not seal more than 2^32 values (NIST SP 800-38D section
 * 8.3).
 */
export interface KeyRing {
	/** Seals `plaintext`; `context` is authenticated with it and must be the same on opening. */
	seal(purpose: Purpose, plaintext: Uint8Array, context: string): MaybePromise<string>;
	/**
	 * Opens what `seal` wrote; `undefined` for anything else: damaged, forged, another purpose,
	 * context or an unknown key. Never throws.
	 */
	open(purpose: Purpose, sealed: string, context: string): MaybePromise<Uint8Array | undefined>;
}

/**
 * Hears of values that did not open: `keyId` is the key that the value names, if the ring has it.
 */
export type UnsealFailed = (purpose: Exclude<Purpose, "form">, keyId: string | undefined) => void;

/**
 * Derives a key ring with HKDF-SHA-256 (RFC 5869).
 *
 * @param secrets At least one; the first one seals.
 * @param failed Must not throw. Default: failures are not reported.
 */
export async function createKeyRing(
	secrets: readonly string[],
	failed?: UnsealFailed,
): Promise<KeyRing> {
	const rings = await Promise.all(secrets.map(deriveKeys));
	const current = rings[0];
	if (!current) throw new TypeError("A key ring needs at least one secret");
	// The first of two secrets with one id wins, so that the current one always opens what it sealed.
	// proven: current-secret-last, no-former-secret
	const byId = new Map(rings.toReversed().map((ring) => [ring.id, ring]));

	return {
		seal(purpose, plaintext, context) {
			const sealed = primitives.seal(
				current.keys[purpose],
				plaintext,
				primitives.fromText(context),
			);
			return isPromise(sealed) ? sealed.then(toText) : toText(sealed);
		},
		open(purpose, sealed, context) {
			const ring = byId.get(sealed.slice(0, KEY_ID_LENGTH));
			const bytes = ring && primitives.fromBase64url(sealed.slice(KEY_ID_LENGTH));
			// proven: no-context-opened
			const opened =
				bytes && primitives.open(ring.keys[purpose], bytes, primitives.fromText(context));
			// A form token is tried with more than one context, and so is any other value sent in its
			// place: a failure means nothing. Cookies are opened with one context only.
			if (!failed || purpose === "form") return opened;
			const watch = (settled: Uint8Array | undefined) => {
				if (settled === undefined) failed(purpose, ring?.id);
				return settled;
			};
			return isPromise(opened) ? opened.then(watch) : watch(opened);
		},
	};

	function toText(sealed: Uint8Array): string {
		return current?.id + primitives.toBase64url(sealed);
	}
}

interface DerivedKeys {
	readonly id: string;
	readonly keys: Readonly<Record<Purpose, AeadKey>>;
}

async function deriveKeys(secret: string): Promise<DerivedKeys> {
	const base = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, [
		"deriveBits",
	]);
	const derive = async (label: string, bytes: number) => {
		const info = encoder.encode(`portcullis/1 ${label}`);
		const parameters = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
		return new Uint8Array(await crypto.subtle.deriveBits(parameters, base, bytes * 8));
	};
	// Awaited together: of several that fail, none may be an unhandled rejection.
	const [id, ...keys] = await Promise.all([
		derive("key id", (KEY_ID_LENGTH * 3) / 4),
		...PURPOSES.map(async (purpose) => primitives.importKey(await derive(purpose, KEY_BYTES))), // proven: one-purpose
	]);
	return {
		id: primitives.toBase64url(id),
		keys: Object.fromEntries(PURPOSES.map((purpose, i) => [purpose, keys[i]])) as Record<
			Purpose,
			AeadKey
		>,
	};
}
