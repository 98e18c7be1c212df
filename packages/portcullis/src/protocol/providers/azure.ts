import { type ConfigProblem, LoginError } from "../../base/errors.ts";
import type { IssuerRule } from "../issuer-rule.ts";
import { Provider } from "../provider.ts";
import type { ProviderSettings } from "../provider-settings.ts";
import type {
	LoginTransaction,
	ProviderRuntime,
	RequestParameters,
	TokenKind,
	UserClaims,
} from "../types.ts";
import { isUserinfoRefusal } from "../userinfo.ts";
import { readTenants, TENANT_ID, type TenantPolicy } from "./azure-tenants.ts";

/** Claims of Microsoft Entra ID. */
export interface AzureClaims extends UserClaims {
	/**
	 * Ids of the person's groups. Absent where the claim is not configured, and for people in more
	 * than 200: then the groups are unknown.
	 */
	groups?: string[];
	/** Roles of the app registration. */
	roles?: string[];
	/** Id of the person in the tenant, the same for all apps; `sub` is another one for each app. */
	oid?: string;
	/** Id of the tenant. */
	tid?: string;
	/** For showing. Can change, and belong to another person later. */
	preferred_username?: string;
}

/** Settings of `Azure`, beside those of every provider. */
export interface AzureSettings extends ProviderSettings {
	/**
	 * Whose people may sign in: `one`, the tenant of the issuer (default); a list of tenant ids; or
	 * `any` tenant, for an app that is open to every Microsoft account. A list and `any` need an
	 * issuer for several: `https://login.microsoftonline.com/organizations` or `.../common`.
	 * Variable: `AZURE_TENANTS`, ids separated by commas.
	 */
	readonly tenants?: TenantPolicy | undefined;
}

/**
 * Microsoft Entra ID, formerly Azure AD, by its endpoints of version 2.0. `AZURE_ISSUER_URI` is
 * `https://login.microsoftonline.com/{tenant}`, with or without `/v2.0`. `AZURE_AUDIENCE` is the
 * application ID URI or the client id of an API that access tokens are for.
 */
export class Azure extends Provider<AzureClaims> {
	readonly name: string = "azure";
	readonly #setting: TenantPolicy | undefined;
	readonly #isLabelled: boolean;
	#tenants: TenantPolicy = "one";

	constructor(settings: AzureSettings = {}) {
		const { tenants, ...rest } = settings;
		super(rest);
		this.#setting = tenants;
		this.#isLabelled = Boolean(rest.displayName);
	}

	override get displayName(): string {
		return this.name === "azure" && !this.#isLabelled ? "Microsoft" : super.displayName;
	}

	protected override configuredIssuer(configured: string | undefined): string | undefined {
		return configured
			?.replace(/\/(?:v2\.0\/?)?$/, "")
			.replace(/^https?:\/\/[^/?#]+\/[^/?#]+$/, (tenant) => `${tenant}/v2.0`);
	}

	override connect(runtime: ProviderRuntime): ConfigProblem[] {
		const problems = super.connect(runtime);
		const variable = `${this.environmentPrefixes[0] ?? ""}TENANTS`;
		const read = readTenants({
			setting: this.#setting ?? runtime.env[variable],
			variable,
			name: this.name,
			issuer: problems.length === 0 ? this.issuer : undefined,
		});
		if ("policy" in read) this.#tenants = read.policy;
		return "policy" in read ? problems : [...problems, ...read.problems];
	}

	/**
	 * For one tenant its issuer alone. For several the template that the metadata name, filled from
	 * the claim `tid`; which tenants count, `verifyClaims` looks at.
	 */
	override validIssuers(): IssuerRule {
		return this.#tenants === "one"
			? super.validIssuers()
			: [this.issuer.replace(/[^/]+(?=\/v2\.0$)/, "{tenantid}")];
	}

	override async verifyClaims(
		claims: Readonly<Record<string, unknown>>,
		kind: TokenKind,
	): Promise<boolean> {
		if ((await super.verifyClaims(claims, kind)) !== true) return false;
		if (this.#tenants === "one") return true;
		const { tid } = claims;
		const isTenant = typeof tid === "string" && TENANT_ID.test(tid);
		if (isTenant && (this.#tenants === "any" || this.#tenants.includes(tid.toLowerCase())))
			return true;
		const message = "The account belongs to a tenant that the app is not for.";
		throw new LoginError("access_denied", message, { provider: this.name, reason: "tid" });
	}

	/**
	 * Version 2.0 knows no `audience`: an API is named by its scopes. All that were consented to,
	 * unless some are asked for by name.
	 */
	override async authorizationParameters(
		transaction: LoginTransaction,
	): Promise<RequestParameters> {
		const parameters = await super.authorizationParameters(transaction);
		const { audience } = this;
		if (audience === undefined) return parameters;
		const { scopes } = transaction;
		const asked = scopes.some((scope) => scope.startsWith(`${audience}/`))
			? scopes
			: [...scopes, `${audience}/.default`];
		return { ...parameters, audience: undefined, scope: asked.join(" ") };
	}

	/**
	 * Userinfo belongs to Microsoft Graph and refuses access tokens for any other API. The ID token
	 * says all that it does, so that is no obstacle, and no sign that the session has ended.
	 */
	override async fetchUserinfo(accessToken: string): Promise<AzureClaims | undefined> {
		if (this.audience !== undefined) return undefined;
		try {
			return await super.fetchUserinfo(accessToken);
		} catch (error) {
			if (isUserinfoRefusal(error)) return undefined;
			throw error;
		}
	}
}
