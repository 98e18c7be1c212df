import { Provider } from "./provider.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import type { SchemaClaims } from "./schema-claims.ts";
import type { UserClaims } from "./types.ts";

/** A provider in one object: its name, and what is not left to the environment. */
export interface ProviderDefinition<C extends object = object> extends ProviderSettings<C> {
	/**
	 * Part of paths, cookie names and, in upper case, variables (`{NAME}_ISSUER_URI`):
	 * `[a-z][a-z0-9_]*`, at most 32 characters.
	 */
	readonly name: string;
}

/** The class of a defined provider, for the option `providers`; a class may extend it. */
export type DefinedProvider<C extends object = object> = new (
	settings?: Omit<ProviderSettings, "claims">,
) => NamedProvider<SchemaClaims<C>>;

/** A provider whose name is given. */
export abstract class NamedProvider<U extends UserClaims> extends Provider<U> {
	readonly name: string;

	constructor(name: string, settings: ProviderSettings) {
		super(settings);
		this.name = name;
	}
}

/**
 * Makes the class of a provider, where no hook has to be replaced. Everything that is not given
 * comes from `{NAME}_*` and `OIDC_*`, or is the default of `Provider`.
 *
 * @throws {TypeError} if the definition is no object. All other mistakes are reported at start.
 */
export function defineProvider<C extends object = object>(
	definition: ProviderDefinition<C>,
): DefinedProvider<C> {
	if (typeof definition !== "object" || definition === null)
		throw new TypeError("defineProvider() takes an object with the name of the provider");
	const { name, ...settings } = definition;
	const { claims } = settings;
	return class extends NamedProvider<SchemaClaims<C>> {
		constructor(own: Omit<ProviderSettings, "claims"> = {}) {
			// The schema is what the type of the class says.
			super(name, { ...settings, ...own, claims });
		}
	};
}
