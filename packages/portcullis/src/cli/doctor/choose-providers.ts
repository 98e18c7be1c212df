import type { Environment } from "../../config/environment.ts";
import { Provider } from "../../protocol/provider.ts";
import { Auth0 } from "../../protocol/providers/auth0.ts";
import { Azure } from "../../protocol/providers/azure.ts";
import { Cognito } from "../../protocol/providers/cognito.ts";
import { Databricks } from "../../protocol/providers/databricks.ts";
import { Generic } from "../../protocol/providers/generic.ts";
import { GitLab } from "../../protocol/providers/gitlab.ts";
import { Google } from "../../protocol/providers/google.ts";
import { Keycloak } from "../../protocol/providers/keycloak.ts";
import { Okta } from "../../protocol/providers/okta.ts";

/** A class of providers that reads its settings from the environment. */
export type ProviderClass = new () => Provider;

/** The presets by the name that their variables begin with. */
export const PRESETS: Readonly<Record<string, ProviderClass>> = {
	auth0: Auth0,
	azure: Azure,
	cognito: Cognito,
	databricks: Databricks,
	generic: Generic,
	gitlab: GitLab,
	google: Google,
	keycloak: Keycloak,
	okta: Okta,
} as Readonly<Record<string, ProviderClass>>;

/** A name that a class of one's own can have. */
const NAME = /^[a-z][a-z0-9_]{0,31}$/;

/** True for a text that can name a provider. */
export function isProviderName(text: string): boolean {
	return NAME.test(text);
}

/**
 * The preset of that name; for any other a class that reads `{NAME}_*`, like one's own without
 * hooks.
 */
export function providerClassOf(name: string): ProviderClass {
	return (
		PRESETS[name] ??
		class extends Provider {
			readonly name = name;
		}
	);
}

/**
 * The names of the providers whose variables are set: presets with an issuer or a client id, and
 * others with an issuer. `generic`, whose variables serve the others as well, only where there is
 * no other.
 */
export function providersOf(env: Environment): readonly string[] {
	const names = new Set<string>();
	for (const [variable, value] of Object.entries(env)) {
		const [, prefix = "", key] = /^([A-Z][A-Z0-9_]*)_(ISSUER_URI|CLIENT_ID)$/.exec(variable) ?? [];
		const name = prefix.toLowerCase();
		if (!value?.trim() || prefix === "OIDC" || !NAME.test(name)) continue;
		if (Object.hasOwn(PRESETS, name) || key === "ISSUER_URI") names.add(name);
	}
	if (names.size > 0) return [...names].sort();
	return env.OIDC_ISSUER_URI?.trim() || env.OIDC_CLIENT_ID?.trim() ? ["generic"] : [];
}
