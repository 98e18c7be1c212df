import { type ConfigProblem, LoginError } from "../../base/errors.ts";
import { Provider } from "../provider.ts";
import type { ProviderSettings } from "../provider-settings.ts";
import type {
	LoginTransaction,
	ProviderRuntime,
	RequestParameters,
	TokenKind,
	UserClaims,
} from "../types.ts";
import { OFFLINE_ACCESS, withoutOfflineAccess } from "./offline-access.ts";

const ISSUER = "https://accounts.google.com";
/** One domain name, or `*` for any that Google hosts. */
const HOSTED_DOMAIN =
	/^(?:\*|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+)$/;

/** Claims of Google. */
export interface GoogleClaims extends UserClaims {
	/**
	 * Domain of the person's Google Workspace or Cloud organization. Absent for personal accounts,
	 * with any e-mail address.
	 */
	hd?: string;
	given_name?: string;
	family_name?: string;
}

/** Settings of `Google`, beside those of every provider. */
export interface GoogleSettings extends ProviderSettings {
	/**
	 * Only people of this Google Workspace domain may sign in; `*` for those of any. The claim `hd`
	 * of the ID token has to say so, an e-mail address does not count. Variable: `GOOGLE_HD`. Left
	 * out: every Google account is let in. Given but blank or `undefined`, such as a variable of the
	 * app that is not set, it is a mistake.
	 */
	readonly hd?: string;
}

/**
 * Google. The issuer is known; set `GOOGLE_CLIENT_ID` and `GOOGLE_CLIENT_SECRET`.
 *
 * The scope `offline_access`, which Google does not know, is asked for as `access_type=offline`
 * with `prompt=consent`. Has no logout of its own, and no groups.
 */
export class Google extends Provider<GoogleClaims> {
	readonly name: string = "google";
	readonly #setting: { readonly hd: unknown } | undefined;
	#hd: string | undefined;

	constructor(settings: GoogleSettings = {}) {
		const { hd, ...rest } = settings;
		super({ ...rest, issuer: rest.issuer || ISSUER });
		this.#setting = Object.hasOwn(settings, "hd") ? { hd } : undefined;
	}

	override connect(runtime: ProviderRuntime): ConfigProblem[] {
		const variable = `${this.environmentPrefixes[0] ?? ""}HD`;
		const given = this.#setting ? this.#setting.hd : runtime.env[variable];
		const set = typeof given === "string" ? given.trim() : "";
		this.#hd = set === "" && !this.#setting ? undefined : set.toLowerCase();
		const problems = super.connect(runtime);
		if (this.#hd === undefined || HOSTED_DOMAIN.test(this.#hd)) return problems;
		const problem = `The setting hd of provider "${this.name}" (${variable}) is ${JSON.stringify(set.slice(0, 200))}, which is no domain.`;
		return [
			...problems,
			{ problem, remedy: "Give one domain, such as example.com, or * for any Workspace domain." },
		];
	}

	override async authorizationParameters(
		transaction: LoginTransaction,
	): Promise<RequestParameters> {
		const { scopes } = transaction;
		return {
			...(await super.authorizationParameters(transaction)),
			scope: withoutOfflineAccess(scopes).join(" "),
			// Without consent Google gives a refresh token at the first login only, and every session
			// here needs its own.
			...(scopes.includes(OFFLINE_ACCESS) ? { access_type: "offline", prompt: "consent" } : {}),
			// For the choice of accounts only: a person who changes it is stopped by `verifyClaims`.
			...(this.#hd === undefined ? {} : { hd: this.#hd }),
		};
	}

	override async verifyClaims(
		claims: Readonly<Record<string, unknown>>,
		kind: TokenKind,
	): Promise<boolean> {
		if ((await super.verifyClaims(claims, kind)) !== true) return false;
		// A logout token has no `hd`, and signs no person in.
		if (this.#hd === undefined || kind === "logout_token") return true;
		const { hd } = claims;
		const fits =
			typeof hd === "string" && hd !== "" && (this.#hd === "*" || hd.toLowerCase() === this.#hd);
		if (fits) return true;
		const message =
			"The account does not belong to the Google Workspace domain that the app is for.";
		throw new LoginError("access_denied", message, { provider: this.name, reason: "hd" });
	}
}
