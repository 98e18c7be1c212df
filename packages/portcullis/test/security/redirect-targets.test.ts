import { beforeAll, describe, expect, it } from "vitest";
import { allCookies, type GateFixture, startGate } from "../support/gate-fixture.ts";
import { type Answer, exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

const EVIL = "evil.example";

/**
 * Ways to leave the origin, most of them published. `{own}` stands for the app's origin, `{host}`
 * for its host.
 */
const hostile: readonly string[] = [
	`//${EVIL}`,
	`///${EVIL}`,
	`////${EVIL}`,
	`//${EVIL}/..`,
	`//${EVIL}/%2f..`,
	`//${EVIL}/%2e%2e`,
	`//${EVIL}//..`,
	`//${EVIL}\\@{host}`,
	`//{host}@${EVIL}`,
	`//{host}.${EVIL}`,
	`/\\${EVIL}`,
	`\\/${EVIL}`,
	`\\\\${EVIL}`,
	`/\\/${EVIL}`,
	`/\\\\${EVIL}`,
	`\\${EVIL}`,
	`/%5c${EVIL}`,
	`/%5C%5C${EVIL}`,
	`%5c%5c${EVIL}`,
	`/%255c${EVIL}`,
	`/%2f${EVIL}`,
	`/%2F%2F${EVIL}`,
	`%2f%2f${EVIL}`,
	`/%252f${EVIL}`,
	`/%25252f${EVIL}`,
	`/.//${EVIL}`,
	`/..//${EVIL}`,
	`/././/${EVIL}`,
	`/x/..//${EVIL}`,
	`/x/../..//${EVIL}`,
	`/%2e//${EVIL}`,
	`/%2e%2e//${EVIL}`,
	`/x/%2e%2e//${EVIL}`,
	`/.%5c${EVIL}`,
	`/;//${EVIL}`,
	`/;@${EVIL}`,
	`/@${EVIL}`,
	`@${EVIL}`,
	`.${EVIL}`,
	`:${EVIL}`,
	`/\t/${EVIL}`,
	`/\n/${EVIL}`,
	`/\r/${EVIL}`,
	`\t//${EVIL}`,
	`\n//${EVIL}`,
	` //${EVIL}`,
	`//${EVIL} `,
	`/%09/${EVIL}`,
	`/%0a/${EVIL}`,
	`/%0d/${EVIL}`,
	`/%20/${EVIL}`,
	`%20//${EVIL}`,
	`/\u0000/${EVIL}`,
	`/\u000b/${EVIL}`,
	`/\u00a0/${EVIL}`,
	`/\u2028/${EVIL}`,
	`/\u3000/${EVIL}`,
	`/\ufeff/${EVIL}`,
	`\ufeff//${EVIL}`,
	`/\u2215${EVIL}`,
	`/\uff0f${EVIL}`,
	`\uff0f\uff0f${EVIL}`,
	`/\uff3c${EVIL}`,
	`//evil\u3002example`,
	`//\u24d4vil.example`,
	`http://${EVIL}`,
	`https://${EVIL}`,
	`HTTP://${EVIL}`,
	`http:${EVIL}`,
	`http:/${EVIL}`,
	`http:///${EVIL}`,
	`http:\\\\${EVIL}`,
	`https:/\\${EVIL}`,
	`https:${EVIL}`,
	`ftp://${EVIL}`,
	`ws://${EVIL}`,
	`file:///etc/passwd`,
	`blob:http://${EVIL}/x`,
	`javascript:alert(1)`,
	`JaVaScRiPt:alert(1)`,
	`java\nscript:alert(1)`,
	`java%0ascript:alert(1)`,
	`\u0001javascript:alert(1)`,
	`javascript://${EVIL}/%0aalert(1)`,
	`javascript://{host}/%0aalert(1)`,
	`/javascript:alert(1)`,
	`data:text/html,<script>alert(1)</script>`,
	`vbscript:msgbox(1)`,
	`view-source:{own}`,
	`{own}.${EVIL}`,
	`{own}@${EVIL}`,
	`{own}:80@${EVIL}`,
	`{own}%40${EVIL}`,
	`{own}\\@${EVIL}`,
	`{own}//${EVIL}`,
	`{own}/\\${EVIL}`,
	`{own}/.//${EVIL}`,
	`{own}/%2f${EVIL}`,
	`{own}1`,
	`{own}0/`,
	`http://user@{host}/`,
	`http://user:pass@{host}/`,
	`http://{host}%00.${EVIL}/`,
	`http://{host}%2f.${EVIL}`,
	`http://{host}#@${EVIL}/`,
	`http://{host}?@${EVIL}/`,
	`https://{host}/`,
	`http://localhost/`,
	`http://localhost:1/`,
	`http://LOCALHOST:1/`,
	`/x?redirect_to=//${EVIL}`,
	`/x#//${EVIL}`,
	`/x'"><script>alert(1)</script>`,
	`/x';url=//${EVIL}`,
	`/x' url='//${EVIL}`,
	`/x;url=//${EVIL}`,
	`/"onmouseover="alert(1)`,
	`/%22%3e%3cscript%3ealert(1)%3c/script%3e`,
	`/</script><script>alert(1)</script>`,
	`/x\u2029alert(1)`,
	`/${"a".repeat(5000)}`,
	`//${"a".repeat(3000)}.${EVIL}`,
	`http://[`,
	`https://`,
	`http://[::1`,
	`//[`,
	`?//${EVIL}`,
	`#//${EVIL}`,
	``,
	`/`,
	`.`,
	`..`,
	`*`,
	`null`,
	`undefined`,
	`/%`,
	`/%zz`,
	`/%c0%af${EVIL}`,
	`/\ud800`,
];

let fixture: GateFixture;
let targets: readonly string[];

beforeAll(async () => {
	fixture = await startGate();
	const host = new URL(fixture.origin).host;
	targets = hostile.map((target) =>
		target.replaceAll("{own}", fixture.origin).replaceAll("{host}", host),
	);
	expect(new Set(targets).size).toBeGreaterThanOrEqual(100);
});

/** Everything on a page, or in its headers, that leads somewhere, as a browser would resolve it. */
function destinations(answer: Answer): string[] {
	const plain = (text: string) =>
		text
			.replace(/&(quot|#39|#x27);/g, "'")
			.replace(/&lt;/g, "<")
			.replace(/&gt;/g, ">")
			.replace(/&amp;/g, "&");
	const found = [
		...answer.body.matchAll(
			/(?:href|action|src|formaction)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi,
		),
	].map(([, a, b, c]) => plain(a ?? b ?? c ?? ""));
	for (const [, content = ""] of answer.body.matchAll(/http-equiv="refresh" content="([^"]*)"/gi))
		found.push(
			plain(content)
				.replace(/^\s*\d+\s*;\s*url\s*=\s*'?/i, "")
				.replace(/'$/, ""),
		);
	for (const name of ["location", "refresh", "content-location"]) {
		const value = answer.headers.get(name);
		if (value !== null) found.push(value.replace(/^\d+;\s*url=/i, ""));
	}
	// The icon of nothing, which keeps browsers from asking for one.
	return found.filter((one) => one !== "data:,");
}

function expectAtHome(answer: Answer, target: string): void {
	expect(answer.status, target).toBeLessThan(500);
	for (const destination of destinations(answer)) {
		const url = new URL(destination, answer.url);
		expect([target, url.origin]).toEqual([target, fixture.origin]);
		// Nor by a return target that the next page would honour.
		const next =
			url.pathname === "/login" || url.pathname.startsWith("/login/")
				? url.searchParams.get("redirect_to")
				: null;
		if (next !== null)
			expect([target, new URL(next, fixture.origin).origin]).toEqual([target, fixture.origin]);
	}
	expect([target, /<script>alert|"\s*onmouseover=/i.test(answer.body)]).toEqual([target, false]);
}

const query = (target: string) =>
	`redirect_to=${encodeURIComponent(target.isWellFormed() ? target : "/\ufffd")}`;
const NAVIGATION = {
	accept: "text/html",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
};

describe("return targets (R79, R80, R81, B10, B17, B18, B27, B32, B47)", () => {
	it("are no way out of the login page", async () => {
		for (const target of targets) {
			expectAtHome(
				await exchange(`${fixture.origin}/login?${query(target)}`, "GET", NAVIGATION),
				target,
			);
			expectAtHome(
				await exchange(
					`${fixture.origin}/login?target_link_uri=${encodeURIComponent(target.toWellFormed())}`,
					"GET",
					NAVIGATION,
				),
				target,
			);
		}
	});

	it("are no way out of the login page of a person who is signed in", async () => {
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		for (const target of targets)
			expectAtHome(
				await exchange(`${fixture.origin}/login?${query(target)}`, "GET", {
					...NAVIGATION,
					cookie: allCookies(browser),
				}),
				target,
			);
	});

	it("are no way out of the callback, and nothing of them is sent to the provider (R9)", async () => {
		for (const target of targets) {
			const browser = new ScriptedBrowser();
			const sent = await browser.navigate(
				`${fixture.origin}/login/generic?${query(target)}&scope=admin&prompt=none&redirect_uri=//${EVIL}`,
				{ follow: false },
			);
			expect(sent.status).toBe(302);
			const authorization = sent.headers.get("location") ?? "";
			expect(new URL(authorization).origin).toBe(fixture.idp.issuer);
			expect(authorization).not.toContain("evil");
			const { scope, prompt, redirect_uri } = Object.fromEntries(
				new URL(authorization).searchParams,
			);
			expect({ scope, prompt, redirect_uri }).toEqual({
				scope: "openid email profile",
				prompt: undefined,
				redirect_uri: `${fixture.origin}/callback`,
			});
			const answered = await browser.navigate(authorization, {
				from: fixture.origin,
				follow: false,
			});
			const page = await browser.navigate(answered.headers.get("location") ?? "", {
				from: fixture.idp.issuer,
				follow: false,
			});
			expect(page.status).toBe(200);
			expectAtHome(page, target);
		}
	}, 30_000);

	it("are no way out of a refusal, whatever the path or the Referer is", async () => {
		for (const target of targets.filter(
			(one) => one.startsWith("/") && /^[!-~]+$/.test(one) && one.length < 4000,
		)) {
			expectAtHome(
				{
					...(await exchange(fixture.origin, "GET", NAVIGATION, undefined, target)),
					url: `${fixture.origin}/private`,
				},
				target,
			);
		}
		for (const referer of targets.filter((one) => /^[ -~\u00a0-\u00ff]*$/.test(one))) {
			const answer = await exchange(
				`${fixture.origin}/private`,
				"POST",
				{ ...NAVIGATION, origin: "null", referer },
				"x=1",
			);
			expect(answer.status).toBe(303);
			expectAtHome(answer, referer);
		}
	});

	it("are no way out of the logout, which takes none", async () => {
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const cookie = allCookies(browser);
		for (const target of targets) {
			const parameters = `${query(target)}&returnTo=${encodeURIComponent(target.toWellFormed())}&post_logout_redirect_uri=${encodeURIComponent(target.toWellFormed())}&state=x`;
			expectAtHome(
				await exchange(`${fixture.origin}/logout?${parameters}`, "GET", { ...NAVIGATION, cookie }),
				target,
			);
			expectAtHome(
				await exchange(`${fixture.origin}/logout?${parameters}`, "GET", NAVIGATION),
				target,
			);
		}
		const script = await exchange(`${fixture.origin}/logout?${query(`//${EVIL}`)}`, "POST", {
			cookie,
			origin: fixture.origin,
			"portcullis-request": "1",
		});
		const { location } = JSON.parse(script.body) as { location: string };
		expect(new URL(location).origin).toBe(fixture.idp.issuer);
		expect(new URL(location).searchParams.get("post_logout_redirect_uri")).toBe(
			`${fixture.origin}/logout`,
		);
	});

	it("are no way out of a form_post", async () => {
		const headers = { ...NAVIGATION, "content-type": "application/x-www-form-urlencoded" };
		for (const target of targets) {
			const body = new URLSearchParams({
				code: target,
				state: target,
				redirect_to: target,
				action: target,
			}).toString();
			expectAtHome(await exchange(`${fixture.origin}/callback`, "POST", headers, body), target);
		}
	});

	it("lead to the page itself where they are good", async () => {
		for (const [target, expected] of [
			["/a", "/a"],
			["/a?b=c&d=%26#e", "/a?b=c&d=%26#e"],
			[`${fixture.origin}/a`, "/a"],
			["/caf\u00e9", "/caf%C3%A9"],
		] as const) {
			const answer = await exchange(`${fixture.origin}/login?${query(target)}`, "GET", NAVIGATION);
			expect(destinations(answer)).toContain(
				`/login/generic?${new URLSearchParams({ redirect_to: expected })}`,
			);
		}
	});
});
