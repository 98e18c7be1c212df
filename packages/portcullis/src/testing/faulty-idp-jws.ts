import { createHmac } from "node:crypto";

/** What a token is made of. */
export interface JwsParts {
	readonly header: Readonly<Record<string, unknown>>;
	readonly claims: Readonly<Record<string, unknown>>;
	sign(input: string): string;
}

/** Makes the compact form (RFC 7515 section 7.1). */
export function compact({ header, claims, sign }: JwsParts): string {
	const input = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`;
	return `${input}.${sign(input)}`;
}

/** Changes claims of a finished token and leaves its signature, which then is none. */
export function withChangedClaims(
	token: string,
	changes: Readonly<Record<string, unknown>>,
): string {
	const [header = "", payload = "", signature = ""] = token.split(".");
	const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
	return [header, encode(JSON.stringify({ ...claims, ...changes })), signature].join(".");
}

/** Signs with HMAC and SHA-256. */
export function hmac(secret: string | Buffer): (input: string) => string {
	return (input) => createHmac("sha256", secret).update(input).digest("base64url");
}

/** Base64url of a text. */
export function encode(text: string): string {
	return Buffer.from(text).toString("base64url");
}
