import { Provider } from "../provider.ts";
import type { ProviderSettings } from "../provider-settings.ts";
import type { SchemaClaims } from "../schema-claims.ts";

/**
 * Any OpenID Connect provider. Reads the `OIDC_*` variables only, and serves where they are set and
 * no provider is named.
 */
export class Generic<C extends object = object> extends Provider<SchemaClaims<C>> {
	readonly name: string = "generic";

	constructor(settings: ProviderSettings<C> = {}) {
		super({ ...settings, displayName: settings.displayName || "Single sign-on" });
	}

	protected override get environmentPrefixes(): readonly string[] {
		return ["OIDC_"];
	}
}
