import { describe, it } from "vitest";

/**
 * The relying-party plans of the OpenID Foundation's conformance suite that a client of the code
 * flow runs, module by module, and where each of them is mirrored: a login, a refresh or a logout
 * at a provider that does what the module's provider does.
 *
 * The plans of the implicit and the hybrid flow, of dynamic registration and of session management
 * are left out: nothing of theirs is implemented, see docs/proof/requirements.md.
 */
export const plans = {
	"oidcc-client-basic-certification-test-plan": {
		file: "oidcc-client-basic.test.ts",
		modules: [
			"oidcc-client-test",
			"oidcc-client-test-invalid-iss",
			"oidcc-client-test-missing-sub",
			"oidcc-client-test-invalid-aud",
			"oidcc-client-test-missing-iat",
			"oidcc-client-test-kid-absent-single-jwks",
			"oidcc-client-test-kid-absent-multiple-jwks",
			"oidcc-client-test-idtoken-sig-rs256",
			"oidcc-client-test-idtoken-sig-none",
			"oidcc-client-test-invalid-sig-rs256",
			"oidcc-client-test-userinfo-invalid-sub",
			"oidcc-client-test-nonce-invalid",
			"oidcc-client-test-scope-userinfo-claims",
			"oidcc-client-test-client-secret-basic",
		],
	},
	"oidcc-client-formpost-basic-certification-test-plan": {
		file: "oidcc-client-formpost-basic.test.ts",
		modules: [
			"oidcc-client-test",
			"oidcc-client-test-invalid-iss",
			"oidcc-client-test-missing-sub",
			"oidcc-client-test-invalid-aud",
			"oidcc-client-test-missing-iat",
			"oidcc-client-test-kid-absent-single-jwks",
			"oidcc-client-test-kid-absent-multiple-jwks",
			"oidcc-client-test-idtoken-sig-rs256",
			"oidcc-client-test-idtoken-sig-none",
			"oidcc-client-test-invalid-sig-rs256",
			"oidcc-client-test-userinfo-invalid-sub",
			"oidcc-client-test-nonce-invalid",
			"oidcc-client-test-scope-userinfo-claims",
			"oidcc-client-test-client-secret-basic",
		],
	},
	"oidcc-client-config-certification-test-plan": {
		file: "oidcc-client-config.test.ts",
		modules: [
			"oidcc-client-test-discovery-openid-config",
			"oidcc-client-test-discovery-jwks-uri-keys",
			"oidcc-client-test-discovery-issuer-mismatch",
			"oidcc-client-test-idtoken-sig-none",
			"oidcc-client-test-signing-key-rotation-just-before-signing",
			"oidcc-client-test-signing-key-rotation",
		],
	},
	"oidcc-client-refreshtoken-test-plan": {
		file: "oidcc-client-refreshtoken.test.ts",
		modules: [
			"oidcc-client-test-refresh-token",
			"oidcc-client-test-refresh-token-invalid-issuer",
			"oidcc-client-test-refresh-token-invalid-sub",
		],
	},
	"oidcc-client-back-channel-logout-rp-basic": {
		file: "oidcc-client-back-channel-logout.test.ts",
		modules: [
			"oidcc-client-test-rp-backchannel-rpinitlogout",
			"oidcc-client-test-rp-backchannel-rpinitlogout-alg-none",
			"oidcc-client-test-rp-backchannel-rpinitlogout-no-event",
			"oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce",
			"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg",
			"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud",
			"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event",
			"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss",
		],
	},
	"oidcc-client-front-channel-logout-rp-basic": {
		file: "oidcc-client-front-channel-logout.test.ts",
		// There is no front-channel logout: the case shows that the logout ends well without, and that
		// a frame can sign nobody out.
		modules: ["oidcc-client-test-rp-frontchannel-rpinitlogout"],
	},
	"oidcc-client-rp-initiated-logout-rp-basic": {
		file: "oidcc-client-rp-initiated-logout.test.ts",
		modules: [
			"oidcc-client-test-rp-init-logout",
			"oidcc-client-test-rp-init-logout-other-state",
			"oidcc-client-test-rp-init-logout-no-state",
		],
	},
	"oidcc-client-test-3rd-party-init-login-test-plan": {
		file: "oidcc-client-3rd-party-init-login.test.ts",
		// One click more than the suite's own client needs: nobody is signed in because another site
		// wants it.
		modules: ["oidcc-client-test-3rd-party-init-login"],
	},
} as const;

export type Plan = keyof typeof plans;
export type ModuleOf<P extends Plan> = (typeof plans)[P]["modules"][number];

/** Runs each module of a plan under its name. One without a case is a type error, and fails. */
export function mirrors<P extends Plan>(
	plan: P,
	cases: Readonly<Record<ModuleOf<P>, () => Promise<void>>>,
): void {
	describe(plan, () => {
		for (const module of plans[plan].modules)
			it(module, { timeout: 30_000 }, cases[module as ModuleOf<P>]);
	});
}
