import { definitionSite } from "../base/definition-site.ts";
import { noteRecipe } from "./check-names.ts";
import { ClaimUnknownError, requireText } from "./combine.ts";
import type { AuthContext, Check } from "./context.ts";

/**
 * Yes for people who have a role of the realm, as Keycloak writes it: `realm_access.roles`.
 *
 * @returns a check that throws `ClaimUnknownError`, which is a no, where the provider sent no such
 *   claim.
 * @throws {TypeError} if the role is empty or no text.
 */
export function hasRealmRole(role: string): Check<AuthContext> {
	requireText("hasRealmRole", role);
	const check: Check<AuthContext> = ({ user }) =>
		rolesIn(member(user.claims, "realm_access"), "realm_access").includes(role);
	return noteRecipe(check, { by: "hasRealmRole", of: [JSON.stringify(role)] }, definitionSite());
}

/**
 * Yes for people who have a role of a client, as Keycloak writes it:
 * `resource_access.{client}.roles`. A client that is not among those is one of which the person has
 * no role.
 *
 * @returns a check that throws `ClaimUnknownError`, which is a no, where the provider sent no
 *   `resource_access`.
 * @throws {TypeError} if the client or the role is empty or no text.
 */
export function hasClientRole(client: string, role: string): Check<AuthContext> {
	requireText("hasClientRole", client);
	requireText("hasClientRole", role);
	const check: Check<AuthContext> = ({ user }) => {
		const clients = member(user.claims, "resource_access");
		if (!isObject(clients)) throw new ClaimUnknownError("resource_access");
		// proven: inherited-client
		return (
			Object.hasOwn(clients, client) && rolesIn(clients[client], "resource_access").includes(role)
		);
	};
	return noteRecipe(
		check,
		{ by: "hasClientRole", of: [JSON.stringify(client), JSON.stringify(role)] },
		definitionSite(),
	);
}

function rolesIn(access: unknown, claim: string): readonly unknown[] {
	const roles = isObject(access) ? member(access, "roles") : undefined;
	if (Array.isArray(roles)) return roles;
	throw new ClaimUnknownError(claim); // proven: missing-roles
}

function member(object: Readonly<Record<string, unknown>>, name: string): unknown {
	return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null;
}
