import type { MaybePromise } from "../base/maybe-promise.ts";

// Node seals synchronously, Web Crypto does not.
export type { MaybePromise };

/** An imported AES-256-GCM key. What is inside depends on the platform. */
export interface AeadKey {
	readonly native: unknown;
}

/** Bytes of the random nonce in front of each ciphertext (NIST SP 800-38D section 8.2.2). */
export const NONCE_BYTES = 12;
/** Bytes of the authentication tag behind each ciphertext. */
export const TAG_BYTES = 16;
/** AES-256. */
export const KEY_BYTES = 32;

/**
 * The primitives that differ between platforms. `node.ts` has the synchronous ones of
 * `node:crypto`, `web.ts` those of Web Crypto; a conditional import (`#aead`) picks one.
 */
export interface Primitives {
	/** Imports 32 bytes as an AES-256-GCM key. */
	importKey(raw: Uint8Array): MaybePromise<AeadKey>;
	/** Encrypts; returns nonce, ciphertext and tag in one piece. The nonce is random. */
	seal(key: AeadKey, plaintext: Uint8Array, associatedData: Uint8Array): MaybePromise<Uint8Array>;
	/**
	 * Decrypts what `seal` returned; `undefined` if anything, the associated data included, was
	 * changed. Never throws.
	 */
	open(
		key: AeadKey,
		sealed: Uint8Array,
		associatedData: Uint8Array,
	): MaybePromise<Uint8Array | undefined>;
	/** UTF-8. */
	fromText(text: string): Uint8Array;
	/** Base64url without padding (RFC 4648 section 5). */
	toBase64url(bytes: Uint8Array): string;
	/** The reverse; `undefined` for anything that is not what `toBase64url` writes. */
	fromBase64url(text: string): Uint8Array | undefined;
}
