import type { LoginTransaction, RequestParameters } from "../../src/provider.ts";
import { providerClass, startGate } from "../support/gate-fixture.ts";
import { codeFlowModules } from "./code-flow-modules.ts";
import { mirrors } from "./modules.ts";

/** A provider that is asked to answer by a form, which is up to the app. */
const answeringByForm: typeof providerClass = (name) =>
	class extends providerClass(name) {
		override readonly name = name;
		override async authorizationParameters(
			transaction: LoginTransaction,
		): Promise<RequestParameters> {
			return { ...(await super.authorizationParameters(transaction)), response_mode: "form_post" };
		}
	};

mirrors(
	"oidcc-client-formpost-basic-certification-test-plan",
	codeFlowModules({
		start: (options) => startGate({ ...options, providerClass: answeringByForm }),
		async signIn(fixture, browser) {
			const answer = await fixture.signIn(browser);
			// First the provider's form, from another site, which brings no cookie; then ours with the
			// same fields.
			const continued = await browser.submit(answer);
			return browser.submit(continued);
		},
		responseMode: "form_post",
	}),
);
