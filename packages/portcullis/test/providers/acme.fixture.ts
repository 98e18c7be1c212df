import { Provider, type UserClaims } from "../../src/index.ts";

/** Claims of Acme ID. */
export interface AcmeUserInfo extends UserClaims {
	acme_team?: string;
}

/** Acme ID, which does not exist. `ACME_ISSUER_URI` is `https://id.acme.example`. */
export class Acme extends Provider<AcmeUserInfo> {
	readonly name = "acme";

	override get displayName(): string {
		return "Acme ID";
	}

	override requestedScopes(): readonly string[] {
		return [...super.requestedScopes(), "team"];
	}
}
