import { decodeJwt } from "jose/jwt/decode";

/** The claims of a JWT as they stand there, unverified; none if it cannot be read. */
export function readUnverified(jwt: string): Readonly<Record<string, unknown>> {
	try {
		return decodeJwt(jwt);
	} catch {
		return {};
	}
}

/** True if an ID token says that it is about this person. Nothing of it is verified. */
export function isAbout(
	idToken: string,
	{ iss, sub }: { readonly iss: string; readonly sub: string },
): boolean {
	const claims = readUnverified(idToken);
	return claims.iss === iss && claims.sub === sub;
}
