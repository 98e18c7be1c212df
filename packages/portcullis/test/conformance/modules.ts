import { describe, it } from "vitest";

/**
 * The relying-party plans of the OpenID Foundation's conformance suite that a client of the code flow runs, module by module, and where
 * each of them is mirrored: a login, a refresh or a logout at a provider that does what the module's provider does.
 *
 * The plans of the implicit and the hybrid flow, of dynamic registration and of session management are left out: nothing of theirs is
 * implemented, see docs/security.md.
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
} as const;

export type Plan = keyof typeof plans;
export type ModuleOf<P extends Plan> = (typeof plans)[P]["modules"][number];

/** Runs each module of a plan under its name. One without a case is a type error, and fails. */
export function mirrors<P extends Plan>(plan: P, cases: Readonly<Record<ModuleOf<P>, () => Promise<void>>>): void {
	describe(plan, () => {
		for (const module of plans[plan].modules) it(module, cases[module as ModuleOf<P>]);
	});
}
