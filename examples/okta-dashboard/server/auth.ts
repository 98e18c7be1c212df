import { Generic, Okta, portcullis } from "portcullis";
import { hasRole } from "./authz.ts";

/** Okta where its variables are set, else whatever OpenID Connect provider `OIDC_*` names. */
const provider = process.env.OKTA_ISSUER_URI ? Okta : Generic;

/**
 * A page, a value or an event that says nothing itself takes one of the two roles: forgetting a
 * rule opens nothing.
 */
export const kit = portcullis({
	providers: [provider],
	auth: hasRole,
	extraScopes: ["groups", "offline_access"],
});
export const { State, field, computed, event, topic } = kit;
