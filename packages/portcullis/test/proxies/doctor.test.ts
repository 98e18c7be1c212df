import { describe, expect, it } from "vitest";
import { complaints, diagnosis } from "../doctor/diagnosis.ts";
import { type Deployment, deploy } from "../support/deployment.ts";
import { proxyProgram } from "../support/proxies.ts";

// Doctor from outside, through a real proxy: what it finds fault with is what is wrong, and nothing
// else.

const look = ({ origin, idp }: Deployment) =>
	diagnosis({ env: { ...idp.env }, url: origin, scopes: ["groups"], claims: [] });

describe.skipIf(proxyProgram("nginx") === undefined)("doctor and an app behind nginx", () => {
	it("are content with the documented configuration, and find what was changed in it", async () => {
		const app = await deploy({ proxy: "nginx" });
		expect(complaints(await look(app))).toEqual([]);

		await app.proxy.reload((config) =>
			config.replace(/(\n\tserver_name|\n\tlisten)/, "\n\tlarge_client_header_buffers 4 4k;$1"),
		);
		await expect.poll(async () => complaints(await look(app))).toEqual(["fail header-limit"]);

		await app.proxy.reload((config) =>
			config.replace("proxy_set_header Host $http_host;", "proxy_cookie_flags ~ nosecure; $&"),
		);
		await expect.poll(async () => complaints(await look(app))).toEqual(["fail cookies"]);
	}, 60_000);

	it("find that the protocol is not forwarded", async () => {
		const change = (config: string) =>
			config.replace(/\t\tproxy_set_header X-Forwarded-Proto .*\n/, "");
		const app = await deploy({ proxy: "nginx", env: { TRUST_PROXY: "127.0.0.0/8" }, change });
		const findings = await look(app);
		expect(complaints(findings)).toEqual(["fail public-origin"]);
		expect(findings.find(({ id }) => id === "public-origin")?.cause).toContain(
			"does not forward the protocol",
		);
	}, 60_000);
});
