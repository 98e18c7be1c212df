import { startGate } from "../support/gate-fixture.ts";
import { codeFlowModules } from "./code-flow-modules.ts";
import { mirrors } from "./modules.ts";

mirrors(
	"oidcc-client-basic-certification-test-plan",
	codeFlowModules({
		start: startGate,
		signIn: (fixture, browser) => fixture.signIn(browser),
		responseMode: null,
	}),
);
