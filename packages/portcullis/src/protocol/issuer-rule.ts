/**
 * Which issuers a provider speaks for: exact strings, `{tenantid}` templates, or a predicate. A
 * template matches where the `tid` claim, put in its place, gives the issuer.
 *
 * A predicate gets the issuer and the claims of a token whose signature has been verified, nothing
 * else of it. Only `true` accepts.
 */
export type IssuerRule =
	| readonly string[]
	| ((issuer: string, claims: Readonly<Record<string, unknown>>) => boolean | Promise<boolean>);

const TENANT = "{tenantid}";
/**
 * What may stand for `{tenantid}`: a GUID or a domain, never a slash that would reach into another
 * path.
 */
const TENANT_ID = /^[0-9A-Za-z][0-9A-Za-z.-]{0,127}$/;

/** True if the `iss` of a token is one that the rule accepts. Compared byte for byte. */
export async function acceptsIssuer(
	rule: IssuerRule,
	issuer: string,
	claims: Readonly<Record<string, unknown>>,
): Promise<boolean> {
	if (typeof rule === "function") return (await rule(issuer, claims)) === true; // proven: truthy-issuer-rule
	const { tid } = claims;
	return rule.some((entry) => {
		if (!entry.includes(TENANT)) return entry === issuer;
		// proven: any-tenant-text, no-tenant-compare
		return (
			typeof tid === "string" && TENANT_ID.test(tid) && entry.replace(TENANT, () => tid) === issuer
		);
	});
}

/**
 * Whether the rule may be asked about claims whose signature has not been verified: a predicate is
 * the app's, and hears of none.
 */
export function mayAskUnverified(rule: IssuerRule): boolean {
	return typeof rule !== "function";
}

/**
 * True if the `iss` of an authorization response (RFC 9207) is possible under the rule. There are
 * no claims yet, so a template accepts any tenant and a predicate is asked with none; the ID token
 * must name the same issuer later.
 */
export async function acceptsResponseIssuer(rule: IssuerRule, issuer: string): Promise<boolean> {
	if (typeof rule === "function") return (await rule(issuer, {})) === true;
	return rule.some((entry) => {
		const [before = "", after] = entry.split(TENANT);
		if (after === undefined) return entry === issuer;
		// proven: response-tenant
		const fits =
			issuer.startsWith(before) &&
			issuer.endsWith(after) &&
			issuer.length > before.length + after.length;
		return fits && TENANT_ID.test(issuer.slice(before.length, issuer.length - after.length));
	});
}
