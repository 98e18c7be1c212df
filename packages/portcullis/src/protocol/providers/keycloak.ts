import { Provider } from "../provider.ts";
import type { UserClaims } from "../types.ts";

/** Roles as Keycloak's mappers write them. */
export interface KeycloakRoles {
	roles: string[];
}

/**
 * Claims of Keycloak. Roles are there once their mappers add them to the ID token or to userinfo,
 * which is not the default.
 */
export interface KeycloakClaims extends UserClaims {
	preferred_username?: string;
	/** Roles of the realm. Ask with `hasRealmRole`. */
	realm_access?: KeycloakRoles;
	/** Roles by client. Ask with `hasClientRole`. */
	resource_access?: Record<string, KeycloakRoles>;
	/** There with a mapper of the type "Group Membership". */
	groups?: string[];
}

/**
 * Keycloak. `KEYCLOAK_ISSUER_URI` is `https://{host}/realms/{realm}`; before version 17,
 * `https://{host}/auth/realms/{realm}`.
 */
export class Keycloak extends Provider<KeycloakClaims> {
	readonly name: string = "keycloak";
}
