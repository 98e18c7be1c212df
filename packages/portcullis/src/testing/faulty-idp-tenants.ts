/** A tenant that no person belongs to. */
export const OTHER_TENANT = "99999999-8888-4777-a666-555555555555";

/** Names in the place of a tenant that stand for several (Microsoft identity platform). */
const shared = /^\/(common|organizations|consumers)(?=\/|$)/;

/**
 * What the metadata name: a template where the issuer is for several tenants, else the issuer
 * itself.
 */
export function metadataIssuer(issuer: string, tenant: string | undefined): string {
	return tenant === undefined ? issuer : replaceShared(issuer, "{tenantid}");
}

/** What tokens name: always the tenant of the person. */
export function tenantIssuer(issuer: string, tenant: string | undefined): string {
	return tenant === undefined ? issuer : replaceShared(issuer, tenant);
}

/** The same issuer of another tenant, for any value in its place. */
export function inTenant(issuer: string, tenant: string): string {
	const { origin, pathname } = new URL(issuer);
	return origin + pathname.replace(/^\/[^/]*/, `/${tenant}`);
}

function replaceShared(issuer: string, name: string): string {
	const { origin, pathname } = new URL(issuer);
	return shared.test(pathname) ? origin + pathname.replace(shared, `/${name}`) : issuer;
}
