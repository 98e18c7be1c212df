import { Provider } from "../provider.ts";
import type { ProviderSettings } from "../provider-settings.ts";
import type { LoginTransaction, RequestParameters, UserClaims } from "../types.ts";
import { withoutOfflineAccess } from "./offline-access.ts";

/** Claims of GitLab. */
export interface GitLabClaims extends UserClaims {
	/** Paths of all groups of the person, also by a group above. Only userinfo has them. */
	groups?: string[];
	/** Paths of the groups that the person is a direct member of. */
	groups_direct?: string[];
	nickname?: string;
	preferred_username?: string;
	"https://gitlab.org/claims/groups/owner"?: string[];
	"https://gitlab.org/claims/groups/maintainer"?: string[];
	"https://gitlab.org/claims/groups/developer"?: string[];
}

/**
 * GitLab.com, or an instance of your own by `GITLAB_ISSUER_URI`.
 *
 * Leaves the scope `offline_access` out, which GitLab does not know: refresh tokens come without
 * it. Has no logout of its own.
 */
export class GitLab extends Provider<GitLabClaims> {
	readonly name: string = "gitlab";

	readonly #isLabelled: boolean;

	constructor(settings: ProviderSettings = {}) {
		super(settings);
		this.#isLabelled = Boolean(settings.displayName);
	}

	override get displayName(): string {
		return this.name === "gitlab" && !this.#isLabelled ? "GitLab" : super.displayName;
	}

	protected override configuredIssuer(configured: string | undefined): string | undefined {
		return configured ?? "https://gitlab.com";
	}

	override async authorizationParameters(
		transaction: LoginTransaction,
	): Promise<RequestParameters> {
		const parameters = await super.authorizationParameters(transaction);
		return { ...parameters, scope: withoutOfflineAccess(transaction.scopes).join(" ") };
	}
}
