import { isPortcullisError } from "../base/errors.ts";
import type { UserClaims } from "./types.ts";

/**
 * True if the userinfo endpoint says that the access token is not, or no longer, good for it (RFC
 * 6750 section 3.1).
 */
export function isUserinfoRefusal(error: unknown): boolean {
	return (
		isPortcullisError(error) && (error.reason === "status_401" || error.reason === "status_403")
	);
}

/**
 * True if userinfo is about the person of an ID token (OpenID Connect Core 1.0 section 5.3.2). A
 * `tid` tells the same people in two tenants apart: where both have one it must be the same.
 */
export function isUserinfoOf(
	userinfo: UserClaims,
	{ sub, tid }: Readonly<Record<string, unknown>>,
): boolean {
	// proven: userinfo-of-another-tenant
	return (
		userinfo.sub === sub &&
		(userinfo.tid === undefined || tid === undefined || userinfo.tid === tid)
	);
}
