import { expect, test } from "vitest";
import { languages } from "../../src/views/languages/index.ts";
import { startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// Which language the gate's own pages speak, over HTTP.

const langOf = (body: string): string | undefined => /<html lang="([^"]*)"/.exec(body)?.[1];
const ask = (accept: string) => ({ headers: { "accept-language": accept } });

test("each language that is promised is spoken to whoever prefers it, on a page that caches keep apart", async () => {
	const { origin } = await startGate();
	for (const [tag, source] of Object.entries(languages)) {
		const texts = typeof source === "function" ? await source() : source;
		const page = await new ScriptedBrowser().navigate(`${origin}/login`, ask(`${tag},en;q=0.1`));
		expect([page.status, langOf(page.body)]).toEqual([200, texts.lang]);
		expect(page.body).toContain(`<h1>${texts.signIn}</h1>`);
		expect(page.headers.get("vary")?.toLowerCase().split(", ").sort()).toEqual([
			"accept-language",
			"cookie",
		]);
		expect(page.headers.get("cache-control")).toBe("no-store");
	}
});

test.each([
	["de-AT,de;q=0.9,en;q=0.5", "de"],
	["nl,fr;q=0.4,en;q=0.3", "fr"],
	["de;q=0,es", "es"],
	["nl", "en"],
	["*", "en"],
	["", "en"],
	["__proto__", "en"],
	["de;q=2", "en"],
])("Accept-Language %j gets %s", async (accept, lang) => {
	const { origin } = await startGate();
	expect(langOf((await new ScriptedBrowser().navigate(`${origin}/login`, ask(accept))).body)).toBe(
		lang,
	);
});

test("every page of a login, an error and a logout is in the language", async () => {
	const { origin, idp, clock } = await startGate({
		gate: { pages: { "/admin": { auth: () => false } } },
	});
	const browser = new ScriptedBrowser();
	const german = ask("de");
	const seen: [string, string | undefined][] = [];
	const see = (what: string, body: string) => seen.push([what, langOf(body)]);

	const page = await browser.navigate(`${origin}/private`, german);
	see("login", page.body);
	const start = /<a class="button" href="([^"]*)"/.exec(page.body)?.[1] ?? "";
	const authorize = await browser.click(start, { ...german, follow: false });
	const callback = await browser.navigate(authorize.headers.get("location") ?? "", {
		follow: false,
		from: origin,
	});
	see(
		"callback",
		(
			await browser.navigate(callback.headers.get("location") ?? "", {
				...german,
				follow: false,
				from: idp.issuer,
			})
		).body,
	);
	see(
		"repeat",
		(await browser.navigate(`${origin}/private`, { ...german, from: idp.issuer, follow: false }))
			.body,
	);
	const forbidden = await browser.navigate(`${origin}/admin`, german);
	see("forbidden", forbidden.body);
	expect([forbidden.status, forbidden.body]).toEqual([
		403,
		expect.stringContaining("Sie haben keinen Zugriff"),
	]);
	const failed = await browser.navigate(`${origin}/login/nobody`, german);
	see("error", failed.body);
	expect(failed.body).toContain("Seite nicht gefunden");
	const asking = await browser.navigate(`${origin}/logout`, german);
	see("logout", asking.body);
	clock.ahead += 3600 * 24;
	see("login once more", (await browser.navigate(`${origin}/private`, german)).body);
	expect(seen).toEqual(seen.map(([what]) => [what, "de"]));
	expect(seen).toHaveLength(7);
});

test("a problem for script stays in English: its code is what counts", async () => {
	const { origin } = await startGate();
	const answer = await new ScriptedBrowser().fetch(`${origin}/private`, ask("de"));
	expect(JSON.parse(answer.body)).toMatchObject({
		code: "login_required",
		title: "Please sign in",
	});
});

test("what the app says goes before the browser's preference, and to the provider; the query says nothing", async () => {
	const { origin } = await startGate({
		auth: {
			ui: {
				languages: { uiLocales: (request) => request.headers.get("x-app-language")?.split(",") },
			},
		},
	});
	const headers = { "accept-language": "de", "x-app-language": "xx,fr-CA,fr,not a tag" };
	const browser = new ScriptedBrowser();
	const page = await browser.navigate(`${origin}/login?ui_locales=it&lang=it`, { headers });
	expect(langOf(page.body)).toBe("fr");
	const sent = await browser.click("/login/generic?ui_locales=it", { headers, follow: false });
	expect(new URL(sent.headers.get("location") ?? "").searchParams.get("ui_locales")).toBe(
		"xx fr-CA fr",
	);
	const without = await browser.click("/login/generic?ui_locales=it", { follow: false });
	expect(new URL(without.headers.get("location") ?? "").searchParams.has("ui_locales")).toBe(false);
});

test("a preference that throws is logged, and the browser's counts", async () => {
	const { origin, log } = await startGate({
		auth: {
			ui: {
				languages: {
					uiLocales: () => {
						throw new Error("no language");
					},
				},
			},
		},
	});
	expect(langOf((await new ScriptedBrowser().navigate(`${origin}/login`, ask("it"))).body)).toBe(
		"it",
	);
	expect(log).toMatchObject([
		{ code: "internal_error", message: expect.stringContaining("languages.uiLocales threw") },
	]);
});

test("texts are replaced one by one, languages are added, and only those that are offered are spoken", async () => {
	const { origin } = await startGate({
		auth: {
			ui: {
				languages: {
					offer: ["de", "gsw", "ar"],
					texts: {
						de: { signIn: "Willkommen <bei uns>", errors: { not_found: { title: "Nichts da" } } },
						gsw: async () => ({ signIn: "Amälde" }),
						ar: { dir: "rtl", signIn: "تسجيل الدخول" },
					},
				},
			},
		},
	});
	const login = async (accept: string) =>
		(await new ScriptedBrowser().navigate(`${origin}/login`, ask(accept))).body;
	expect(await login("de")).toContain("<h1>Willkommen &lt;bei uns&gt;</h1>");
	expect(await login("de")).toContain("Melden Sie sich an, um fortzufahren.");
	expect(await login("gsw-CH")).toContain('<html lang="gsw">');
	expect(await login("gsw-CH")).toContain("<h1>Amälde</h1>");
	expect(await login("ar")).toContain('<html lang="ar" dir="rtl">');
	// English is not offered: the first one is for everybody else.
	expect(langOf(await login("en"))).toBe("de");
	const error = await new ScriptedBrowser().navigate(`${origin}/login/nobody`, ask("de"));
	expect(error.body).toContain("<h1>Nichts da</h1>");
	expect(error.body).toContain("Unter dieser Adresse gibt es nichts.");
});

test("texts that cannot be imported leave the page in English, and the log says so", async () => {
	const { origin, log } = await startGate({
		auth: { ui: { languages: { texts: { nl: () => Promise.reject(new Error("no such file")) } } } },
	});
	const page = await new ScriptedBrowser().navigate(`${origin}/login`, ask("nl"));
	expect([page.status, langOf(page.body)]).toEqual([200, "en"]);
	expect(log).toMatchObject([
		{ level: "error", message: expect.stringContaining("language nl could not be imported") },
	]);
});

test.each([
	[{ offer: [] }, "languages.offer is no list"],
	[{ offer: ["tlh"] }, 'languages.offer has "tlh"'],
	[{ texts: { "d e": {} } }, 'languages.texts has "d e"'],
	[{ uiLocales: "de" }, "languages.uiLocales is not a function"],
	[{ default: "de" }, 'languages has no option "default"'],
])("%j is refused at start", async (languages, problem) => {
	await expect(startGate({ auth: { ui: { languages: languages as never } } })).rejects.toThrow(
		problem,
	);
});
