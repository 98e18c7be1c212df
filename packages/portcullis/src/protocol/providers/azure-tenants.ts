import type { ConfigProblem } from "../../base/errors.ts";

/**
 * Whose people may sign in with Microsoft Entra ID: those of one tenant, of several by their ids,
 * or of any.
 */
export type TenantPolicy = "one" | "any" | readonly string[];

/** A tenant's id as Entra writes it. A domain is a name for it that can change hands. */
export const TENANT_ID: RegExp = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Names in the place of a tenant that stand for several, in their issuers. */
const SHARED = new Set(["common", "organizations", "consumers"]);
const EXAMPLE = "https://login.microsoftonline.com/organizations";

/** Where a policy comes from. */
export interface TenantSource {
	/** The setting, or the text of the variable. */
	readonly setting: unknown;
	readonly variable: string;
	/** Name of the provider. */
	readonly name: string;
	/** Ends with `/{tenant}/v2.0`; `undefined` if it is a mistake already. */
	readonly issuer: string | undefined;
}

/** The policy, or what is wrong with it or with the issuer under it. */
export function readTenants(
	source: TenantSource,
): { policy: TenantPolicy } | { problems: ConfigProblem[] } {
	const policy = toPolicy(source.setting);
	if (policy === undefined) {
		const problem = `The setting tenants of provider "${source.name}" (${source.variable}) is neither "one" nor "any" nor a list of tenant ids.`;
		const remedy =
			"A tenant id looks like 72f988bf-86f1-41af-91ab-2d7cd011db47; separate several by commas in the variable.";
		return { problems: [{ problem, remedy }] };
	}
	const found =
		source.issuer === undefined ? undefined : findIssuerProblem(policy, source.issuer, source);
	return found === undefined ? { policy } : { problems: [found] };
}

function toPolicy(setting: unknown): TenantPolicy | undefined {
	const text = typeof setting === "string" ? setting.trim().toLowerCase() : setting;
	if (text === undefined || text === "" || text === "one") return "one";
	if (text === "any") return "any";
	const list: readonly unknown[] =
		typeof text === "string" ? text.split(",") : Array.isArray(text) ? text : [];
	const ids = list.map((id) => String(id).trim().toLowerCase());
	return ids.length > 0 && ids.every((id) => TENANT_ID.test(id)) ? ids : undefined;
}

function findIssuerProblem(
	policy: TenantPolicy,
	issuer: string,
	source: TenantSource,
): ConfigProblem | undefined {
	const tenant = new URL(issuer).pathname.split("/")[1] ?? "";
	const isShared = SHARED.has(tenant.toLowerCase());
	const problem = `The issuer of provider "${source.name}" is ${issuer}`;
	if (policy !== "one") {
		if (isShared) return undefined;
		return {
			problem: `${problem}, which is for one tenant, but ${source.variable} names several.`,
			remedy: `Use ${EXAMPLE}, or leave ${source.variable} out.`,
		};
	}
	if (TENANT_ID.test(tenant)) return undefined;
	if (isShared) {
		const remedy = `Put the id of your tenant in its place, or set ${source.variable} to the ids of the tenants that may sign in, or to "any".`;
		return { problem: `${problem}, which lets people of every tenant sign in.`, remedy };
	}
	const remedy =
		"Use https://login.microsoftonline.com/{tenant id}: the directory (tenant) ID of the app's overview page.";
	return { problem: `${problem}, which does not name a tenant by its id.`, remedy };
}
