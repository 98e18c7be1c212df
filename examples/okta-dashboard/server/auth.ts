import { Generic, Okta, portcullis } from "portcullis";
import { memory } from "portcullis/state";
import { forbiddenView } from "portcullis/views";
import { hasRole } from "./authz.ts";

/** Okta where its variables are set, else the OpenID Connect provider that `OIDC_*` names. */
const provider = process.env.OKTA_ISSUER_URI ? Okta : Generic;

/**
 * A page, a value or an event that says nothing itself takes one of the two roles: forgetting a
 * rule opens nothing.
 */
export const auth = portcullis({
	providers: [provider],
	auth: hasRole,
	extraScopes: ["groups", "offline_access"],
	// One process, as its data are in its memory too. Several take redis(url) of portcullis/redis,
	// and a database.
	store: memory(),
	// "Back to the start page" must open for everyone who reads it, roles or not.
	ui: { views: { forbidden: (context) => forbiddenView({ ...context, homeHref: "/profile" }) } },
});
export const { State, field, computed, event, topic } = auth;
