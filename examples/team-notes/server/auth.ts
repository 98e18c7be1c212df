import { Generic, Okta, portcullis } from "portcullis";
import { auditStore } from "./audit-store.ts";

/** Okta where its variables are set, else the OpenID Connect provider that `OIDC_*` names. */
const provider = process.env.OKTA_ISSUER_URI ? Okta : Generic;

/** Who signs people in, and the words that the rest of the app says its rules with. */
export const auth = portcullis({
	providers: [provider],
	extraScopes: ["offline_access", "groups"],
	platform: { audit: auditStore.add },
});
export const { check } = auth;
