import { expect } from "vitest";
import { MARKER, sessionCookies, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { mirrors } from "./modules.ts";
import { expectErrorView } from "./refused-login.ts";

const signedIn = `${MARKER} /private for ada`;

mirrors("oidcc-client-config-certification-test-plan", {
	"oidcc-client-test-discovery-openid-config": async () => {
		const { idp, signIn } = await startGate();
		const at = (path: string) => `${idp.issuer}${path}?from=metadata`;
		idp.faults = {
			metadata: {
				authorization_endpoint: at("/authorize"),
				token_endpoint: at("/token"),
				userinfo_endpoint: at("/userinfo"),
			},
		};
		expect((await signIn()).body).toBe(signedIn);
		expect(idp.requests[0]?.path).toBe("/.well-known/openid-configuration");
		for (const endpoint of ["authorize", "token", "userinfo"] as const) {
			const request = idp.requests.find((one) => one.endpoint === endpoint);
			expect([endpoint, request?.query.get("from")]).toEqual([endpoint, "metadata"]);
		}
	},

	"oidcc-client-test-discovery-jwks-uri-keys": async () => {
		const { idp, signIn } = await startGate();
		const run = crypto.randomUUID();
		idp.faults = { metadata: { jwks_uri: `${idp.issuer}/jwks?run=${run}` } };
		expect((await signIn()).body).toBe(signedIn);
		const asked = idp.requests.filter(({ endpoint }) => endpoint === "jwks");
		expect(asked.map(({ query }) => query.get("run"))).toEqual([run]);
	},

	"oidcc-client-test-discovery-issuer-mismatch": async () => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		fixture.idp.faults = { discovery: "issuer-other" };
		const page = await fixture.signIn(browser);
		expectErrorView(fixture, page, { code: "issuer_mismatch", reason: "discovery", status: 400 });
		expect(fixture.idp.requests.map(({ endpoint }) => endpoint)).toEqual(["discovery"]);
	},

	"oidcc-client-test-idtoken-sig-none": async () => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		fixture.idp.faults = { idToken: "alg-none" };
		const page = await fixture.signIn(browser);
		expectErrorView(fixture, page, { code: "token_invalid", reason: "alg", status: 502 });
		expect([fixture.idp.count("userinfo"), ...sessionCookies(browser)]).toEqual([0]);
	},

	"oidcc-client-test-signing-key-rotation-just-before-signing": async () => {
		const { origin, idp, log } = await startGate();
		const browser = new ScriptedBrowser();
		await browser.navigate(`${origin}/login?redirect_to=/private`);
		const sent = await browser.click("/login/generic?redirect_to=/private", { follow: false });
		const answer = await browser.navigate(sent.headers.get("location") ?? "", {
			from: origin,
			follow: false,
		});
		// Whatever keys the client has by now, the token is signed with another.
		await idp.rotateKeys({ keepOld: false });
		const page = await browser.navigate(answer.headers.get("location") ?? "", { from: idp.issuer });
		expect(page.body).toBe(signedIn);
		expect(log).toEqual([]);
	},

	"oidcc-client-test-signing-key-rotation": async () => {
		const { idp, log, signIn } = await startGate();
		expect((await signIn(new ScriptedBrowser())).body).toBe(signedIn);
		expect(idp.count("jwks")).toBe(1);
		await idp.rotateKeys({ keepOld: false });
		expect((await signIn(new ScriptedBrowser())).body).toBe(signedIn);
		expect(idp.count("jwks")).toBe(2);
		expect(log).toEqual([]);
	},
});
