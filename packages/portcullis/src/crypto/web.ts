import { type AeadKey, NONCE_BYTES, type Primitives, TAG_BYTES } from "./aead.ts";

const encoder = new TextEncoder();
const BASE64URL = /^[A-Za-z0-9_-]*$/;

/** Web Crypto: runs everywhere, asynchronously. */
export const primitives: Primitives = {
	async importKey(raw) {
		return {
			native: await crypto.subtle.importKey("raw", raw.slice(), "AES-GCM", false, [
				"encrypt",
				"decrypt",
			]),
		};
	},

	async seal(key, plaintext, associatedData) {
		const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
		const body = await crypto.subtle.encrypt(
			parameters(nonce, associatedData),
			nativeKey(key),
			plaintext.slice(),
		);
		const sealed = new Uint8Array(NONCE_BYTES + body.byteLength);
		sealed.set(nonce);
		sealed.set(new Uint8Array(body), NONCE_BYTES);
		return sealed;
	},

	async open(key, sealed, associatedData) {
		if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
		try {
			const nonce = sealed.slice(0, NONCE_BYTES);
			const body = sealed.slice(NONCE_BYTES);
			return new Uint8Array(
				await crypto.subtle.decrypt(parameters(nonce, associatedData), nativeKey(key), body),
			);
		} catch {
			return undefined;
		}
	},

	fromText: (text) => encoder.encode(text),

	toBase64url(bytes) {
		let binary = "";
		for (const byte of bytes) binary += String.fromCharCode(byte);
		return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
	},

	fromBase64url(text) {
		if (!BASE64URL.test(text) || text.length % 4 === 1) return undefined;
		const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
		const bytes = new Uint8Array(binary.length);
		for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
		return primitives.toBase64url(bytes) === text ? bytes : undefined; // proven: web-stray-bits
	},
};

function nativeKey(key: AeadKey): CryptoKey {
	return key.native as CryptoKey;
}

function parameters(nonce: Uint8Array<ArrayBuffer>, associatedData: Uint8Array): AesGcmParams {
	// proven: web-no-aad
	return {
		name: "AES-GCM",
		iv: nonce,
		additionalData: associatedData.slice(),
		tagLength: TAG_BYTES * 8,
	};
}
