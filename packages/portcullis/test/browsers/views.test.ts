import { describe, expect, it } from "vitest";
import { defaultViews, english } from "../../src/views/index.ts";
import { continuePostPage, onwardPage, repeatPage } from "../../src/views/move-on.ts";
import { DESKTOP, PHONE, Site, useViewStage } from "./view-stage.ts";
import { nonce, stay, viewVariants } from "./view-variants.ts";

// The gate's own pages: people can read and use them, they run nothing that they should not, and
// they lead on.

const variants = await viewVariants();
const stage = useViewStage();

// The other looks and languages: views.long.test.ts.
it.each([
	{ viewport: PHONE, colorScheme: "light" },
	{ viewport: DESKTOP, colorScheme: "dark" },
] as const)("every page passes axe, WCAG 2.2 AA, $viewport.width wide, in $colorScheme", (look) =>
	stage.expectAccessible(look, variants),
);

it.each([PHONE, DESKTOP])(
	"no page scrolls sideways, also with text at 200 %, and every target is 44 px high, $width wide",
	async (viewport) => {
		await stage.withPage({ viewport, reducedMotion: "reduce" }, async (page) => {
			for (const [name, text] of variants) {
				stage.site.serve("/page", stay(text));
				await page.goto(stage.site.at("/page"));
				for (const size of ["100%", "200%"]) {
					const measured = await page.evaluate((fontSize) => {
						document.documentElement.style.setProperty("font-size", fontSize);
						const targets = [...document.querySelectorAll("a, button")].map((target) =>
							target.getBoundingClientRect(),
						);
						return {
							overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
							smallest: Math.min(...targets.flatMap(({ width, height }) => [width, height])),
						};
					}, size);
					expect(measured.overflow, `${name} at ${size}`).toBeLessThanOrEqual(0);
					expect(measured.smallest, `${name} at ${size}`).toBeGreaterThanOrEqual(44);
				}
			}
		});
	},
);

// German has the longest words, Japanese no spaces.
it.each(["de", "ja"])(
	"in %s no page scrolls sideways on a small phone, and what people see most passes axe",
	(tag) => stage.expectFitsIn(tag),
);

describe("under the strict policy", () => {
	it("no page runs into it", async () => {
		await stage.withPage({}, async (page, said) => {
			for (const [name, text] of variants) {
				stage.site.serve("/page", stay(text));
				await page.goto(stage.site.at("/page"));
				expect(await page.evaluate(() => getComputedStyle(document.body).display), name).toBe(
					"grid",
				);
			}
			expect(said).toEqual([]);
		});
	});

	it("hostile values are shown as text, and nothing of them runs even without the policy", async () => {
		const hostile = `"'\`><img src=x onerror="window.ran=1"><svg onload="window.ran=1"></svg><script>window.ran=1</script>`;
		await stage.withPage({ bypassCSP: true }, async (page) => {
			const error = {
				code: hostile,
				id: hostile,
				title: hostile,
				message: hostile,
				providerText: hostile,
			};
			const provider = { name: hostile, displayName: hostile, loginHref: `/login/${hostile}` };
			const base = {
				request: new Request("https://app.example/"),
				nonce,
				texts: english,
				homeHref: hostile,
				endpoints: hostile,
				providers: [provider],
			};
			stage.site.serve(
				"/error",
				String(await defaultViews.error({ ...base, kind: "error", error, retryHref: hostile })),
			);
			await page.goto(stage.site.at("/error"));
			expect(await page.title()).toBe(hostile);
			for (const selector of ["h1", "blockquote", "code"])
				expect(await page.textContent(selector)).toBe(hostile);
			expect(await page.evaluate(() => "ran" in window)).toBe(false);
			expect(await page.locator("img, script").count()).toBe(0);
			expect(await page.getByText("Try again").getAttribute("href")).toBe("/");

			const login = {
				...base,
				kind: "login",
				redirectTo: "/",
				user: { name: hostile },
				notice: undefined,
			} as const;
			stage.site.serve("/login", String(await defaultViews.login(login)));
			await page.goto(stage.site.at("/login"));
			expect(await page.locator("li bdi").textContent()).toBe(hostile);
			expect(await page.locator("p bdi").textContent()).toBe(hostile);
			expect(await page.evaluate(() => "ran" in window)).toBe(false);
		});
	});
});

describe.each([
	{ scripts: "with script", javaScriptEnabled: true },
	{ scripts: "without script", javaScriptEnabled: false },
])("pages that leave, $scripts", ({ javaScriptEnabled }) => {
	const context = { javaScriptEnabled };
	const awkward = "/notes/it's;v=1,2?q=a,b;c&url='//evil.example'&r=\"x\"&s=a%20b";
	const arrived = "/notes/it%27s;v=1,2?q=a,b;c&url=%27//evil.example%27&r=%22x%22&s=a%20b";

	it("the callback reaches its destination once, and leaves neither history nor a referrer behind", async () => {
		await stage.withPage(context, async (page) => {
			const view = await defaultViews.callback({
				request: new Request("https://app.example/callback"),
				nonce,
				texts: english,
				homeHref: "/",
				endpoints: "/_portcullis",
				providers: [],
				kind: "callback",
				destination: awkward,
			});
			stage.site.serve("/callback?code=secret&state=s", String(view));
			await page.goto(stage.site.at("/start"));
			await page.goto(stage.site.at("/callback?code=secret&state=s"));
			await page.waitForURL(stage.site.at(arrived));
			expect(stage.site.hits(arrived)).toHaveLength(1);
			expect(stage.site.hits(arrived)[0]?.headers.referer).toBeUndefined();
			expect(stage.site.hits(arrived)[0]?.headers["sec-fetch-site"]).toBe("same-origin");
			await page.goBack();
			expect(page.url()).toBe(stage.site.at("/start"));
		});
	});

	it("the onward page reaches another origin", async () => {
		const idp = await Site.start();
		try {
			await stage.withPage(context, async (page) => {
				stage.site.serve(
					"/logout",
					String(onwardPage({ nonce, href: idp.at("/end?client_id=a'b;c,d&state=x") })),
				);
				await page.goto(stage.site.at("/logout"));
				await page.waitForURL(idp.at("/end?client_id=a%27b;c,d&state=x"));
				expect(idp.hits("/end?client_id=a%27b;c,d&state=x")).toHaveLength(1);
				expect(idp.requests[0]?.headers.referer).toBeUndefined();
			});
		} finally {
			await idp.stop();
		}
	});

	it.each([
		["/", "#part=2"],
		["/notes?q=1,2;3", "#part=2"],
		["/?a=b", "#"],
		["/notes", ""],
	])("the repeat page requests %s%s again from the own site", async (path, fragment) => {
		await stage.withPage(context, async (page) => {
			stage.site.serveOnce(path, String(repeatPage({ nonce, href: path })));
			await page.goto(stage.site.at("/start"));
			await page.goto(stage.site.at(path + fragment));
			await page.getByText(`the app at ${path}`).waitFor();
			expect(page.url()).toBe(stage.site.at(javaScriptEnabled ? path + fragment : path));
			expect(stage.site.hits(path).map(({ headers }) => headers["sec-fetch-site"])).toEqual([
				"none",
				"same-origin",
			]);
			expect(stage.site.requests.filter(({ url }) => url !== path && url !== "/start")).toEqual([]);
			await page.goBack();
			expect(page.url()).toBe(stage.site.at("/start"));
		});
	});

	it("the continue page posts its fields once, with our origin, whatever they are called", async () => {
		const fields = {
			code: "a b&c",
			state: "x'\"y",
			submit: "1",
			action: "//evil.example",
			method: "get",
			id: "2",
		};
		await stage.withPage(context, async (page) => {
			stage.site.serve(
				"/callback",
				String(continuePostPage({ nonce, action: "/callback/continue", fields })),
			);
			await page.goto(stage.site.at("/start"));
			await page.goto(stage.site.at("/callback"));
			if (!javaScriptEnabled) await page.getByRole("button", { name: "Continue" }).click();
			await page.waitForURL(stage.site.at("/callback/continue"));
			const posts = stage.site.hits("/callback/continue");
			expect(posts.map(({ method }) => method)).toEqual(["POST"]);
			expect(posts[0]?.headers.origin).toBe(stage.site.origin);
			expect(Object.fromEntries(new URLSearchParams(posts[0]?.body))).toEqual(fields);
			if (!javaScriptEnabled) return;
			await page.goBack();
			expect(page.url()).toBe(stage.site.at("/start"));
		});
	});

	it("the logout form waits for a person, or submits itself where the context says so", async () => {
		for (const autoSubmit of [false, true]) {
			stage.site.reset();
			await stage.withPage(context, async (page) => {
				const view = await defaultViews.logout({
					request: new Request("https://app.example/logout"),
					nonce,
					texts: english,
					homeHref: "/",
					endpoints: "/_portcullis",
					providers: [],
					kind: "logout",
					phase: "confirm",
					user: undefined,
					formAction: "/logout/now",
					fields: { csrf: "sealed" },
					autoSubmit,
					providerSession: undefined,
				});
				stage.site.serve("/logout", String(view));
				await page.goto(stage.site.at("/logout"));
				if (!autoSubmit || !javaScriptEnabled) {
					expect(stage.site.hits("/logout/now")).toEqual([]);
					await page.getByRole("button", { name: "Sign out" }).click();
				}
				await page.waitForURL(stage.site.at("/logout/now"));
				expect(
					stage.site.hits("/logout/now").map(({ method, body }) => `${method} ${body}`),
				).toEqual(["POST csrf=sealed"]);
				expect(stage.site.hits("/logout/now")[0]?.headers.origin).toBe(stage.site.origin);
			});
		}
	});
});

// Probes run inside the page: the driver waits for a pending navigation before it looks.
describe("a page whose next one is slow", () => {
	it("is not sent twice when a person presses the button as well", async () => {
		await stage.withPage({}, async (page, said) => {
			await page.addInitScript(() => {
				setTimeout(() => {
					const button = document.querySelector("button");
					button?.click();
					console.log(`pressed ${button?.textContent}`);
				}, 400);
			});
			stage.site.serve(
				"/callback",
				String(continuePostPage({ nonce, action: "/slow", fields: { code: "1" } })),
			);
			await page.goto(stage.site.at("/callback"), { waitUntil: "commit" });
			await page.waitForURL(stage.site.at("/slow"));
			expect(said).toEqual(["pressed Continue"]);
			expect(stage.site.hits("/slow")).toHaveLength(1);
		});
	});

	it("shows nothing at first, and the card with its link after a moment", async () => {
		await stage.withPage({ reducedMotion: "no-preference" }, async (page, said) => {
			await page.addInitScript(() => {
				const report = () => {
					const main = document.querySelector("main");
					if (main !== null) console.log(getComputedStyle(main).opacity);
				};
				setTimeout(report, 100);
				setTimeout(report, 1000);
			});
			stage.site.serve("/logout", String(onwardPage({ nonce, href: "/slow" })));
			await page.goto(stage.site.at("/logout"), { waitUntil: "commit" });
			await page.waitForURL(stage.site.at("/slow"));
			expect(said).toEqual(["0", "1"]);
			expect(stage.site.hits("/slow")).toHaveLength(1);
		});
	});
});
