import {
	type FaultyIdp,
	type FaultyIdpOptions,
	startFaultyIdp,
} from "../../src/testing/faulty-idp.ts";
import { afterEachFile } from "./after-file.ts";
import { allCookies } from "./gate-fixture.ts";
import {
	freePort,
	type ProxyName,
	type ProxyOptions,
	type RunningProxy,
	startProxy,
} from "./proxies.ts";
import { type ReplicaProcess, startReplica } from "./replica-process.ts";
import { ScriptedBrowser } from "./scripted-browser.ts";

/**
 * An app as it is deployed: two processes that share nothing but their variables, behind a proxy
 * that takes them in turn.
 */
export interface Deployment {
	/** What browsers see. */
	readonly origin: string;
	readonly proxy: RunningProxy;
	readonly replicas: readonly [ReplicaProcess, ReplicaProcess];
	readonly idp: FaultyIdp;
	/** Signs in through the login page, like a person. */
	signIn(path?: string): Promise<ScriptedBrowser>;
	/** Sets the clocks of both processes so many seconds ahead. */
	setAhead(seconds: number): Promise<void>;
}

export interface DeploymentOptions {
	readonly proxy: ProxyName;
	/**
	 * Variables of both processes. Without `PORTCULLIS_ORIGIN` or `TRUST_PROXY` the origin is pinned.
	 */
	readonly env?: Readonly<Record<string, string>>;
	readonly idp?: FaultyIdpOptions;
	readonly change?: ProxyOptions["change"];
}

const closing: (() => Promise<unknown>)[] = [];

afterEachFile(async () => {
	for (const close of closing.splice(0).toReversed()) await close();
});

/** Starts it all. Ends with the tests of the file. */
export async function deploy(options: DeploymentOptions): Promise<Deployment> {
	const idp = await startFaultyIdp({ algorithm: "ES256", ...options.idp });
	closing.push(() => idp.close());
	const ports = [await freePort(), await freePort()] as const;
	const origin = `https://localhost:${ports[0]}`;
	const env = { ...idp.env, ...options.env };
	const isFollowing = "PORTCULLIS_ORIGIN" in env || "TRUST_PROXY" in env;
	// The same decisions are expected of both hosts.
	const start = (kind: string) =>
		startReplica({
			HOST_KIND: kind,
			...env,
			...(isFollowing ? {} : { PORTCULLIS_ORIGIN: origin }),
		});
	const replicas = await Promise.all([start("hono"), start("node")]);
	closing.push(() => Promise.all(replicas.map((replica) => replica.close())));
	const upstreams = [replicas[0].port, replicas[1].port] as const;
	const proxy = await startProxy(options.proxy, { ports, upstreams, change: options.change });
	closing.push(() => proxy.close());
	return {
		origin,
		proxy,
		replicas,
		idp,
		async signIn(path = "/private") {
			const browser = new ScriptedBrowser();
			await browser.navigate(origin + path);
			const page = await browser.click(`/login/generic?redirect_to=${encodeURIComponent(path)}`);
			if (!page.body.includes("served-by-the-app"))
				throw new Error(`Not signed in: ${page.status} ${page.body}`);
			return browser;
		},
		setAhead: async (seconds) =>
			void (await Promise.all(replicas.map((replica) => replica.setAhead(seconds)))),
	};
}

/** A request of the app's own script. The browser keeps what cookies come with the answer. */
export async function callByScript(browser: ScriptedBrowser, url: string, method = "POST") {
	return browser.send(url, {
		method,
		initiator: url,
		crossSite: false,
		headers: {
			accept: "*/*",
			"sec-fetch-mode": "cors",
			"sec-fetch-dest": "empty",
			"portcullis-request": "1",
		},
	});
}

/** Headers of a request of our script with all the browser's cookies, for `fetch`. */
export function scriptHeaders(browser: ScriptedBrowser, origin: string): Record<string, string> {
	return {
		...{ Cookie: allCookies(browser), Origin: origin },
		...{ "Portcullis-Request": "1", "Content-Type": "application/json" },
	};
}
