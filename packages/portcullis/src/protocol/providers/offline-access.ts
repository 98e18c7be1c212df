/** The scope of OpenID Connect Core 1.0 section 11. */
export const OFFLINE_ACCESS = "offline_access";

/**
 * Scopes for a provider that does not know `offline_access`, and refuses a request that has an
 * unknown one.
 */
export function withoutOfflineAccess(scopes: readonly string[]): readonly string[] {
	return scopes.filter((scope) => scope !== OFFLINE_ACCESS);
}
