import type { ConfigProblem } from "../base/errors.ts";
import {
	connectionFor,
	connectionOf,
	keepConnection,
	keepSettings,
	maybeConnectionOf,
	settingsOf,
} from "./connection.ts";
import type { ProviderMetadata } from "./discovery.ts";
import type { BoundedFetch } from "./http.ts";
import type { IssuerRule } from "./issuer-rule.ts";
import { type ProviderSettings, resolveSettings } from "./provider-settings.ts";
import type { ProviderRuntime, UserClaims } from "./types.ts";

/** What `console.log` asks an object for on Node. By name, since the core knows no Node. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** The name and the settings of a provider, and what is made of them at start. */
export abstract class ProviderSetup<U extends UserClaims = UserClaims> {
	/** The claims, as a type only: there is no such value. */
	declare readonly claimsType: U;

	/**
	 * Part of paths, cookie names and, in upper case, variables: `[a-z][a-z0-9_]*`, at most 32
	 * characters.
	 */
	abstract readonly name: string;

	/** The hook of that name: discovery asks it. */
	abstract validIssuers(): IssuerRule;

	/**
	 * Every setting may be left to the environment. Mistakes are reported by `connect`, all at once.
	 */
	constructor(settings: ProviderSettings = {}) {
		keepSettings(this, settings);
		// With its option `getters` inspect would call `clientSecret`.
		Object.defineProperty(this, INSPECT, { value: () => this.toJSON() });
	}

	/**
	 * Resolves the settings: code first, then `{NAME}_{KEY}`, then `OIDC_{KEY}`. Called by the gate
	 * before the first use. No network. A second call starts over, with empty caches.
	 *
	 * @returns every mistake with its remedy; if there is one, the provider is not connected.
	 */
	connect(runtime: ProviderRuntime): ConfigProblem[] {
		keepConnection(this, undefined);
		const { name } = this;
		const settings = resolveSettings(settingsOf(this), {
			name,
			env: runtime.env,
			prefixes: this.environmentPrefixes,
			issuerFor: (configured) => this.configuredIssuer(configured),
		});
		if (Array.isArray(settings)) return settings;
		keepConnection(
			this,
			connectionFor(name, settings, runtime, () => this.#listedIssuers()),
		);
		return [];
	}

	/** The issuer as configured. Throws before `connect`, like the other settings. */
	get issuer(): string {
		return connectionOf(this).settings.issuer;
	}

	get clientId(): string {
		return connectionOf(this).settings.clientId;
	}

	/** `undefined` for a public client. */
	get clientSecret(): string | undefined {
		return connectionOf(this).settings.clientSecret;
	}

	get audience(): string | undefined {
		return connectionOf(this).settings.audience;
	}

	/** What a provider looks like in a log: no secret. */
	toJSON(): { name: string; issuer: string | undefined; clientId: string | undefined } {
		const settings = maybeConnectionOf(this)?.settings;
		return { name: this.name, issuer: settings?.issuer, clientId: settings?.clientId };
	}

	/**
	 * The provider's metadata, discovered when first needed.
	 *
	 * @throws LoginError `provider_unreachable`, `provider_misconfigured` or `issuer_mismatch`.
	 */
	metadata(): Promise<ProviderMetadata> {
		return connectionOf(this).discovery.metadata();
	}

	/**
	 * Prefixes of the variables, the first that is set wins. Default: the upper-cased name, then
	 * `OIDC_`.
	 */
	protected get environmentPrefixes(): readonly string[] {
		return [`${String(this.name).toUpperCase()}_`, "OIDC_"];
	}

	/**
	 * Runs at start: the issuer for what was configured. Default: the same, character for character.
	 * Override for a provider whose issuer is known, or whose address is known by a shorter form.
	 *
	 * @param configured As it was set; nothing about it has been checked, and the result is checked
	 *   afterwards.
	 */
	protected configuredIssuer(configured: string | undefined): string | undefined {
		return configured;
	}

	/**
	 * `fetch` for hooks: bounded in time, size and redirects, closed to private addresses. See
	 * `BoundedFetch`.
	 */
	protected get fetch(): BoundedFetch {
		return connectionOf(this).fetch;
	}

	#listedIssuers(): readonly string[] {
		const rule = this.validIssuers();
		return typeof rule === "function" ? [] : rule;
	}
}
