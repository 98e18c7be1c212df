import { Provider } from "../provider.ts";
import type { ProviderSettings } from "../provider-settings.ts";

/**
 * Any OpenID Connect provider. Reads the `OIDC_*` variables only, and serves where they are set and
 * no provider is named.
 */
export class Generic extends Provider {
	readonly name: string = "generic";

	constructor(settings: ProviderSettings = {}) {
		super({ ...settings, displayName: settings.displayName || "Single sign-on" });
	}

	protected override get environmentPrefixes(): readonly string[] {
		return ["OIDC_"];
	}
}
