import * as base64url from "jose/base64url";

/**
 * Random bytes from the platform's CSPRNG as base64url without padding: 4 characters for every 3
 * bytes.
 */
export function randomText(bytes: number): string {
	return base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)));
}
